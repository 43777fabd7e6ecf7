#ifndef HEALTHD_WINDOWTEXT_H
#define HEALTHD_WINDOWTEXT_H

/*
 * A window as JSON, exactly: [newest minute,"text"], where the text is, six bits a letter as of base64, 19 bytes a
 * minute: how long before the newest, the count (2), sum and maximum (8 each, IEEE 754), high bytes first. Pure.
 */

#include "healthd/window.h"
#include "lib/json.h"
#include "lib/strbuf.h"

void windowtext_add(const struct window *, struct strbuf *out);
/* Over an empty window; false: the value is no such text, and the window is empty. */
bool windowtext_take(struct span value, struct window *);

#endif
