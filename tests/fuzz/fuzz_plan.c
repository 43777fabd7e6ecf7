#include <stdlib.h>
#include <string.h>

#include "katoctl/plan.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* Any text is a plan or is refused with words; a plan keeps what plan.h promises. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct strbuf errs = {0};
	struct plan p;

	if (!plan_parse((const char *)data, size, "pipeline.conf", &p, &errs)) {
		if (!errs.len || errs.s[errs.len - 1] != '\n')
			abort();
	} else {
		if (!p.n || p.n > PLAN_MAX_STAGES || errs.len)
			abort();
		for (size_t i = 0; i < p.n; i++)
			if (!*p.v[i].name || strlen(p.v[i].name) > PLAN_NAME_MAX || !p.v[i].argv[0] || !*p.v[i].argv[0])
				abort();
		plan_free(&p);
	}
	strbuf_free(&errs);
	return 0;
}
