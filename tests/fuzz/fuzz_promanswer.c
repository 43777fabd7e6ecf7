#include <math.h>
#include <stdlib.h>

#include "collectors/promanswer.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
take(void *arg, long query, bool finite, double value)
{
	(void)arg;
	if (query < -1 || finite != (bool)isfinite(value))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct strbuf why = {0};

	if (promanswer_read((const char *)p, n, take, NULL, &why) == (why.len > 0))
		abort();
	strbuf_free(&why);
	return 0;
}
