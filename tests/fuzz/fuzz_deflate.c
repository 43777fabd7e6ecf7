#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/deflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MOST = 4096 };

/* A client's compressed message: whatever it is, no more than the limit comes of it, and nothing unless all of it is good. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf out = {0}, again = {0};
	enum deflate_result r = deflate_inflate(data, size, MOST, &out);
	struct frame *f, *d;
	size_t head;

	if (out.len > MOST || (r != DEFLATE_OK && out.len))
		abort();
	f = frame_new(FRAME_TEXT, NULL, data, size);
	for (int form = FRAME_WIDE; form < FRAME_FORMS; form++) {
		d = deflate_frame(f, (enum frame_form)form);
		if (d == f)
			continue;
		head = frame_bytes(d)[1] < 126 ? 2 : frame_bytes(d)[1] == 126 ? 4 : 10;
		again.len = 0;
		if (d->len >= f->len || deflate_inflate(frame_bytes(d) + head, d->len - head, size, &again) != DEFLATE_OK ||
		    again.len != size || memcmp(again.s, data, size) != 0)
			abort();
	}
	frame_unref(f);
	strbuf_free(&out);
	strbuf_free(&again);
	deflate_free();
	return 0;
}
