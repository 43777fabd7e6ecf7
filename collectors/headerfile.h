#ifndef COLLECTORS_HEADERFILE_H
#define COLLECTORS_HEADERFILE_H

/* Headers to send with a question, kept in a file, so that no token stands on a command line. */

#include <stdbool.h>

#include "lib/settings.h"
#include "lib/strbuf.h"

/* As document_headers; false: *why names the file, the line and what is wrong, and there is nothing to free. */
bool headerfile_read(const char *file, struct strlist *out, struct strbuf *why);
/* At the start: what is wrong ends the process with 2; a file that everybody can read is warned of. NULL: none. */
void headerfile_check(const char *file);

#endif
