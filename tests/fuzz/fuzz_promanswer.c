#include <math.h>
#include <stdlib.h>

#include "collectors/promanswer.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
take(void *arg, const struct promseries *s)
{
	(void)arg;
	if (s->query < -1 || s->finite != (bool)isfinite(s->value))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct strbuf why = {0};
	bool spoke;

	if (!promanswer_read((const char *)p, n, take, NULL, &spoke, &why) && !why.len)
		abort();
	strbuf_free(&why);
	return 0;
}
