#include <math.h>
#include <stdlib.h>

#include "collectors/sample.h"
#include "lib/json.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
between(const struct sample *from, const struct sample *to)
{
	struct strbuf out = {0};
	struct usage u;
	size_t at;

	if (!usage_between(from, to, &u))
		usage_still(to, &u);
	if (!(u.cpu >= 0) || (to->cpus >= 1 && u.cpu > to->cpus * 100) || !isfinite(u.cpu))
		abort();
	strbuf_addc(&out, '{');
	usage_write(&u, &out);
	strbuf_addc(&out, '}');
	if (json_check(out.s, out.len, &at) != JSON_OK)
		abort();
	strbuf_free(&out);
}

/* Two answers of an engine, split at the first newline. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *text = (const char *)data;
	struct sample a, b, before;
	bool has_before;
	size_t n = 0;

	while (n < len && text[n] != '\n')
		n++;
	if (sample_read(text, n, 0, &a, &before, &has_before) != SAMPLE_TAKEN)
		return 0;
	if (has_before)
		between(&before, &a);
	if (sample_read(text + n, len - n, 1000, &b, &before, &has_before) == SAMPLE_TAKEN)
		between(&a, &b);
	return 0;
}
