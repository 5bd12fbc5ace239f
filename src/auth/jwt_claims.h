/*
 * jwt_claims.h - what a token says, once its signature was found true. Private to auth/.
 */
#ifndef AUTH_JWT_CLAIMS_H
#define AUTH_JWT_CLAIMS_H

#include <jansson.h>

#include "jwt.h"

/* As jwt_verify(), of the claims alone. Pure. */
enum auth_result jwt_judge_claims(const struct jwt_rules *rules, const json_t *claims, int64_t now_s,
                                  struct arena *arena, struct jwt *out, const char **flaw);

#endif
