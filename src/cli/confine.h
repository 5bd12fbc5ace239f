/*
 * confine.h - the two halves of the sandbox. Private to cli/.
 */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include "base/sanitizer.h"
#include "cli/sandbox.h"

/* Each adds a phrase to `report`. ERR_UNSUPPORTED: this kernel or build has it not; no failure. */
enum err landlock_enter(const struct sandbox_options *opt, struct buf *report);
enum err syscalls_enter(struct buf *report);

#endif
