#ifndef KATO_SHARE_H
#define KATO_SHARE_H

/* Where our own files are: pipeline, dashboard, alert rules. */

#include <stdbool.h>

#include "lib/strbuf.h"

/*
 * Appends the path of NAME in the share/ that belongs to this program: beside its bin/ in a build tree, beside it
 * in an installation, else where `make install` would have put it. False: it is in none of them.
 */
bool share_find(const char *name, struct strbuf *out);
/*
 * Appends where the FILE is that somebody named: a name without a slash that is not here is the one of that name in the
 * folder BELOW ("" or "/demo") of share/, if there is one; all else stays as it is.
 */
void share_named(const char *file, const char *below, struct strbuf *out);

#endif
