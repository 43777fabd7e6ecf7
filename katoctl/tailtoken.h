#ifndef KATOCTL_TAILTOKEN_H
#define KATOCTL_TAILTOKEN_H

/* The token that tail shows the server: from a file, read anew for each try, since tokens run out. */

#include <stdbool.h>

#include "lib/strbuf.h"

enum { TAILTOKEN_MAX = 3072 };	/* bytes; broadcaster takes no longer ones */

struct tailtoken {	/* {0}: none */
	char *path;
	struct strbuf token;
};

/* path, else the credential "token" that systemd hands down. False: there is a file, but no token in it; why. */
bool tailtoken_open(struct tailtoken *, const char *path, struct strbuf *why);
/* The token; NULL: none is to be shown. A file that cannot be read now leaves the last one. */
const char *tailtoken_get(struct tailtoken *);
void tailtoken_free(struct tailtoken *);

#endif
