#ifndef KATOCTL_REPORT_H
#define KATOCTL_REPORT_H

/* What `katoctl status` is told. */

#include "katoctl/meter.h"
#include "katoctl/super.h"
#include "lib/strbuf.h"

/*
 * One line of JSON: {"stages":[{"name","kind","state","pid","uptime_seconds","restarts","last_exit","lines","bytes",
 * "torn","dropped","outstanding","lines_per_second","bytes_per_second","lag_seconds","last_stderr"}…]}. pid,
 * uptime_seconds, last_exit, lag_seconds and last_stderr may be null. meters: one a stage, or NULL.
 */
void report_json(const struct super *, const struct meter *meters, int64_t mono_ms, struct strbuf *out);

#endif
