/*
 * confine.h - the two halves of the sandbox. Private to cli/.
 */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include "cli/sandbox.h"

/* Sanitizers look into /proc, start threads of their own and make calls that no server makes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

/* Each adds a phrase to `report`. ERR_UNSUPPORTED: this kernel or build has it not; no failure. */
enum err landlock_enter(const struct sandbox_options *opt, struct buf *report);
enum err syscalls_enter(struct buf *report);

#endif
