#ifndef COLLECTORS_WEBURL_H
#define COLLECTORS_WEBURL_H

/* Is this text a URL that can be asked? Pure. */

#include <stdbool.h>

/* NULL: it is; else what is wrong, in words that hold nothing of it. With query it may have a ? and a #. */
const char *weburl_fault(const char *url, bool query);

#endif
