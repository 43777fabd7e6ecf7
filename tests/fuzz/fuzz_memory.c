#include <stdlib.h>
#include <string.h>

#include "alertd/memory.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const char rules[] =
    "alert hot\n on t\n value a\n warning > 10\n error >= 20\n say hot {value}\n resolved cool {value} {for}\n"
    "alert off\n on t\n each l\n by n\n value s\n error != on\n say {name}\n resolved {name}\n gone {name} {for}\n"
    "alert lost\n on b\n by who\n value ok\n error == false\n silent i 3 1 {name} {for}\n say {name}\n resolved {name}\n";

static const char *const lines[] = {
	"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"source\":\"p\",\"data\":{\"a\":15,\"l\":[{\"n\":\"x\",\"s\":\"off\"}]}}",
	"{\"type\":\"b\",\"timestamp\":\"2026-01-01T00:00:09Z\",\"source\":\"p\",\"data\":{\"who\":\"p\",\"ok\":true,\"i\":1000}}",
	"{\"type\":\"t\",\"timestamp\":\"2026-01-01T00:00:30Z\",\"source\":\"q\",\"data\":{\"a\":5,\"l\":[]}}",
};

static bool
lookup(const void *ctx, const char *name, double *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return false;
}

static void
a_judge(struct judge *j)
{
	struct strbuf errors = {0};
	struct rules rs;

	judge_init(j, 8);
	if (!rules_parse(rules, "f", lookup, NULL, &rs, &errors))
		abort();
	judge_set_rules(j, &rs, 5);
}

/* Whatever was kept: records are judged after it, and what is kept then is understood, and the same again. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct strbuf out = {0}, first = {0}, again = {0}, why = {0};
	struct recall r = {0}, none = {0};
	struct judge j, k;
	struct record rec;

	a_judge(&j);
	a_judge(&k);
	if (!memory_load(&j, &r, (const char *)data, len, &why) && !why.len)
		abort();
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		judge_line(&j, lines[i], strlen(lines[i]), &rec, &out);
	memory_dump(&j, true, &first);
	recall_dump(&r, &first);
	if (!memory_load(&k, &none, first.s, first.len, &why))
		abort();
	memory_dump(&k, true, &again);
	recall_dump(&none, &again);
	if (first.len != again.len || memcmp(first.s, again.s, first.len) != 0)
		abort();
	judge_free(&j);
	judge_free(&k);
	recall_free(&r);
	recall_free(&none);
	strbuf_free(&out);
	strbuf_free(&first);
	strbuf_free(&again);
	strbuf_free(&why);
	return 0;
}
