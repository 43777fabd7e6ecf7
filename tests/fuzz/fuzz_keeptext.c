#include <stdlib.h>
#include <string.h>

#include "lib/keeptext.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* A file of any bytes; and any bytes as a save, which come back as they went in unless they hold a commit of their own. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct strbuf out = {0}, why = {0}, file = {0};
	const char *p = (const char *)data;

	if (!keeptext_take(p, len, "tool", 1, &out, &why) && (!why.len || out.len))
		abort();
	strbuf_reset(&out);
	keeptext_head("tool", 1, &file);
	strbuf_add(&file, p, len);
	strbuf_addc(&file, '\n');
	keeptext_commit(file.s, file.len, &file);
	if (!memmem(p, len, "{\"commit\":\"", 11) &&
	    (!keeptext_take(file.s, file.len, "tool", 1, &out, &why) || out.len != len + 1 || memcmp(out.s, p, len) != 0))
		abort();
	strbuf_free(&out);
	strbuf_free(&why);
	strbuf_free(&file);
	return 0;
}
