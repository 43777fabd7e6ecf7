/* What is taken for a time stamp and written anew is the same time; any number of ms has one form. */

#include <stdlib.h>
#include <string.h>

#include "lib/stamp.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const int64_t least = -62167219200000, most = 253402300799999;

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char t[STAMP_LEN + 1];
	int64_t ms = 0, back = 0;

	if (stamp_parse((const char *)data, size, &ms)) {
		must(ms > least - 86400000 && ms < most + 86400000);
		must(stamp_parse(stamp_format(ms, t), STAMP_LEN, &back));
		must(back == ms || ms < least || ms > most);
	}
	if (size >= sizeof ms) {
		memcpy(&ms, data, sizeof ms);
		must(stamp_parse(stamp_format(ms, t), STAMP_LEN, &back) && strlen(t) == STAMP_LEN);
		must(back == (ms < least ? least : ms > most ? most : ms));
	}
	return 0;
}
