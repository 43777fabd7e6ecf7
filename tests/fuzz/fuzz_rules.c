#include <stdlib.h>
#include <string.h>

#include "alertd/rules.h"
#include "lib/xalloc.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static bool
lookup(const void *ctx, const char *name, double *value)
{
	(void)ctx;
	*value = 80;
	return *name == 'A';
}

/* A rules file: read, or refused with a reason. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = xmemdup0(data, len);
	struct strbuf errors = {0};
	struct rules rs;

	if (rules_parse(text, "f", lookup, NULL, &rs, &errors))
		rules_free(&rs);
	else if (!errors.len || strncmp(errors.s, "f:", 2) != 0)
		abort();
	strbuf_free(&errors);
	free(text);
	return 0;
}
