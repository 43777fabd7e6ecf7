#ifndef KATOCTL_REPORT_H
#define KATOCTL_REPORT_H

/* What `katoctl status` is told. */

#include "katoctl/super.h"
#include "lib/strbuf.h"

/* One line of JSON: {"stages":[{"name","kind","state","pid","uptime_seconds","restarts","last_exit","lines","bytes","torn","dropped","outstanding"}…]} */
void report_json(const struct super *, int64_t now_ms, struct strbuf *out);

#endif
