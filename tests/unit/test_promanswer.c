#include <string.h>

#include "check.h"
#include "collectors/promanswer.h"

static struct strbuf seen;

static void
take(void *arg, long query, bool finite, double value)
{
	(void)arg;
	strbuf_addf(&seen, "%ld:%s%g ", query, finite ? "" : "!", finite ? value : 0);
}

static void
read_one(const char *body, const char *want, const char *why)
{
	struct strbuf err = {0};
	bool good;

	strbuf_reset(&seen);
	strbuf_adds(&seen, "");
	good = promanswer_read(body, strlen(body), take, NULL, &err);
	CHECK(good == !why);
	if (why)
		CHECK_STR(err.s, why);
	else
		CHECK_STR(seen.s, want);
	strbuf_free(&err);
}

#define VECTOR(v) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" v "]}}"

int
main(void)
{
	read_one(VECTOR(""), "", NULL);
	read_one(VECTOR("{\"metric\":{\"kato_query\":\"17\"},\"value\":[1.5,\"0.25\"]},{\"metric\":{},\"value\":[1,\"3e2\"]}"), "17:0.25 -1:300 ", NULL);
	read_one(VECTOR("{\"metric\":{\"kato_query\":\"2\"},\"value\":[1,\"NaN\"]},{\"metric\":{\"kato_query\":\"3\"},\"value\":[1,\"+Inf\"]}"), "2:!0 3:!0 ", NULL);
	read_one(VECTOR("{\"metric\":{\"kato_query\":\"x\"},\"value\":[1,\"1\"]},{\"value\":[1,\"1x\"]},{\"value\":1},7,null"), "-1:1 ", NULL);
	read_one("{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"5\"]}}", "-1:5 ", NULL);
	read_one("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse\\nerror\"}", NULL, "parse error");
	read_one("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}", NULL, "the query gives neither a vector nor a scalar");
	read_one("{}", NULL, "the answer is not Prometheus's");
	read_one("[]", NULL, "the answer is not Prometheus's");
	read_one("<html>", NULL, "the answer is not JSON");
	strbuf_free(&seen);
	return check_done();
}
