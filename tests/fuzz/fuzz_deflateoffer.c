#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/deflateoffer.h"
#include "lib/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A request's header. What is taken is taken, too, where a declined offer stands in front, and named in it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf header = {0}, behind = {0};
	enum frame_form form;

	strbuf_add(&header, (const char *)data, size);
	strbuf_adds(&header, "");
	form = deflateoffer_take(header.s ? header.s : "");
	if (form != FRAME_PLAIN && (!strstr(header.s, "permessage-deflate") || !strlen(deflateoffer_answer(form))))
		abort();
	strbuf_adds(&behind, "permessage-deflate; x=\"a,b\", ");
	strbuf_adds(&behind, header.s ? header.s : "");
	if (deflateoffer_take(behind.s) != form)
		abort();
	strbuf_free(&header);
	strbuf_free(&behind);
	return 0;
}
