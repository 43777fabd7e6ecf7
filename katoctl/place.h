#ifndef KATOCTL_PLACE_H
#define KATOCTL_PLACE_H

/* Where the control socket is. */

#include <stdbool.h>

#include "lib/strbuf.h"

/* Appends the path a supervisor listens on, making its folder; false: *why. */
bool place_own(struct strbuf *out, struct strbuf *why);
/* Appends the i-th path where one may be listening; false: there is no i-th. */
bool place_possible(int i, struct strbuf *out);

#endif
