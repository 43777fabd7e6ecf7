#ifndef KATOCTL_CONFIG_H
#define KATOCTL_CONFIG_H

/* Where our files lie, and the pipeline file read whole. */

#include <stdbool.h>

#include "katoctl/plan.h"
#include "lib/strbuf.h"

#define CONFIG_FILE "/etc/kato-live/pipeline.conf"

enum { CONFIG_MAX_BYTES = 1 << 20 };

/*
 * Appends the path of a file of share/: in the tree the binary was built in, else beside the folder it
 * is installed in, else where `make install` put it. False: it is in none of them.
 */
bool config_share(const char *name, struct strbuf *out);
/* Appends CONFIG_FILE where that exists, else the pipeline.conf of share/; *ours: it is that. False: neither is there. */
bool config_default(struct strbuf *out, bool *ours);
/*
 * Reads and checks a pipeline file, programs included: each stage's argv[0] stays as written, the path
 * of its program is looked up again at each start. False: every mistake was said, one line each.
 */
bool config_load(const char *path, struct plan *out);

#endif
