/*
 * fuzz.h - the entry of a fuzz target.
 *
 * Returns 0; a property that does not hold is an assert. Called with bytes of any content and length.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
