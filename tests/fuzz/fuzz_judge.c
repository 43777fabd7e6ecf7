#include <stdlib.h>
#include <string.h>

#include "alertd/judge.h"
#include "lib/linebuf.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const char rules[] =
    "alert hot\n on t\n value a.b c\n warning > 10\n error >= 20\n round 2\n say hot {value:1} {.id}\n resolved cool {value*100:3} {for}\n"
    "alert off\n on t\n each l\n partial p\n by n who\n value s h\n with s\n error != on\n say {name} {value} {x.y}\n resolved {name}\n gone {name} {s}\n"
    "alert ev\n on e\n by .id\n event\n info always\n say {name}\n"
    "alert lost\n on b\n by who source_name\n value ok\n error == false\n silent i 3 1 {name} {for}\n say {name}\n resolved {name}\n";

static bool
lookup(const void *ctx, const char *name, double *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return false;
}

static struct judge *
a_judge(struct judge *j)
{
	struct strbuf errors = {0};
	struct rules rs;

	judge_init(j, 8);
	if (!rules_parse(rules, "f", lookup, NULL, &rs, &errors))
		abort();
	judge_set_rules(j, &rs, 5);
	return j;
}

/* Lines: whatever is said about them is records that alertd itself would pass by, and that fit a line. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *p = (const char *)data, *end = p + len, *nl, *said;
	struct strbuf out = {0};
	struct record r;
	struct judge j;

	for (a_judge(&j); p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		judge_line(&j, p, (size_t)(nl - p), &r, &out);
	}
	for (said = out.s; out.len && said < out.s + out.len; said = nl + 1) {
		nl = memchr(said, '\n', (size_t)(out.s + out.len - said));
		if (!nl || nl - said > LINE_MAX_BYTES || record_parse(said, (size_t)(nl - said), &r) != RECORD_OK ||
		    !record_is(&r, "system_alert") || !r.stamped)
			abort();
	}
	if (j.table.n > 8 + j.rules.n)
		abort();
	strbuf_free(&out);
	judge_free(&j);
	return 0;
}
