#include <errno.h>
#include <string.h>

#include "collectors/emit.h"
#include "lib/fdio.h"
#include "lib/log.h"

bool
emit(struct strbuf *b)
{
	if (b->len && fd_write_all(1, b->s, b->len) < 0) {
		if (errno == EPIPE)
			return false;
		die(1, "standard output: %s", strerror(errno));
	}
	strbuf_reset(b);
	return true;
}
