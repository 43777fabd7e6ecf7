#ifndef KATOCTL_CONFIG_H
#define KATOCTL_CONFIG_H

/* Which pipeline file, and what is in it. */

#include <stdbool.h>

#include "katoctl/plan.h"
#include "lib/strbuf.h"

#define CONFIG_FILE "/etc/kato-live/pipeline.conf"

enum { CONFIG_MAX_BYTES = 1 << 20 };

/* Appends CONFIG_FILE where that exists, else the pipeline.conf of share/; *ours: it is that. False: neither is there. */
bool config_default(struct strbuf *out, bool *ours);
/*
 * Reads and checks a pipeline file (a bare name that is not here: share/'s), programs included: each stage's argv[0] stays as written, the path
 * of its program is looked up again at each start. False: every mistake was said, one line each.
 */
bool config_load(const char *path, struct plan *out);

#endif
