/*
 * guess.h - what guessing costs, and the clock in the caller's hand, for tests. Private to auth/.
 */
#ifndef AUTH_GUESS_H
#define AUTH_GUESS_H

#include "auth/auth.h"

enum {
    /* Of one name from one address: somebody tries all his passwords, with both keyboard layouts. */
    GUESS_NAME_BURST = 10,
    /* Then ten a minute: five million a year, where a poor password of eight small letters is one of 200 000 million.
     */
    GUESS_NAME_MS = 6000,
    /* Of one address: a house full of people behind it, each of them mistaken for a while. */
    GUESS_ADDRESS_BURST = 50,
    GUESS_ADDRESS_MS = 2000,
    /* Different claims of one address with workers at a time: at 100 ms a hash, others wait for less than a second. */
    GUESS_AT_ONCE_MAX = 8,
};

struct guesses;

struct guesses *guesses_new(void);
void guesses_free(struct guesses *guesses); /* NULL is fine */

unsigned attempt_wait_at(struct auth_memory *memory, const struct attempt *attempt, uint64_t now_ms);
void attempt_told_at(struct auth_memory *memory, const struct attempt *attempt, enum auth_result result,
                     uint64_t now_ms);

#endif
