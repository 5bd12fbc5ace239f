/*
 * metrics.h - private to serve/: what the metrics listener answers: /metrics and /health, and nothing else.
 *
 * Figures have no paths, no names of users and no addresses in them; a site shows by its name. All label sets are
 * bounded by tables of ours.
 */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "base/buf.h"
#include "conf/conf.h"
#include "exchange/exchange.h"
#include "station.h"

/* A request that came in on the metrics listener, from its head to its answer. */
void metrics_answer(struct station *station, struct exchange *ex) LOOP_SIDE;

enum metrics_form {
    METRICS_OPEN, /* OpenMetrics 1.0 */
    METRICS_TEXT, /* the text format 0.0.4 that came before it */
};

/* By Accept: the older form for a client that asks for text and does not name the newer one. */
enum metrics_form metrics_form_of(struct slice accept);
struct slice metrics_media_type(enum metrics_form form);

/* All figures as they are now. conf: for the sites' names. Reads /proc, so not on a loop. */
void metrics_write(struct server *server, const struct conf *conf, enum metrics_form form, struct buf *out) WORKER_SIDE;

/* True: all is well. Lines for people follow in any case. is_draining: requests under way are the last. Any side. */
bool health_write(struct server *server, const struct conf *conf, bool is_draining, struct buf *out);

#endif
