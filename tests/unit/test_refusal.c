#include "broadcaster/refusal.h"

#include "check.h"

static const struct dialect plain, shaped = {
	.refusal = "{\"error\":$detail,\"code\":$status}\n",
	.unauthorized = "{\"error\":\"unauthorized\",\"detail\":$detail}",
};

static const char *
body(const struct dialect *d, int status, const char *detail)
{
	static struct strbuf b;

	strbuf_reset(&b);
	refusal_body(d, status, detail, strlen(detail), &b);
	return b.s;
}

static void
bodies(void)
{
	struct strbuf b = {0};

	CHECK_STR(body(NULL, 404, "no \"x\""),
	    "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"no \\\"x\\\"\"}");
	CHECK_STR(body(&plain, 429, "slow"), "{\"type\":\"about:blank\",\"title\":\"Too Many Requests\",\"status\":429,\"detail\":\"slow\"}");
	CHECK_STR(body(&shaped, 404, "no \"$x\""), "{\"error\":\"no \\\"$x\\\"\",\"code\":404}\n");
	CHECK_STR(body(&shaped, 401, "no token"), "{\"error\":\"unauthorized\",\"detail\":\"no token\"}");
	CHECK_STR(refusal_body(NULL, 400, "", 0, &b), REPLY_PROBLEM);
	CHECK_STR(refusal_body(&shaped, 400, "", 0, &b), REPLY_JSON);
	strbuf_free(&b);
}

static void
replies(void)
{
	struct reply r = {0};

	reply_problem(&r, 400, "limit: \"%s\"", "x\n");
	refusal_reshape(&plain, &r);
	refusal_reshape(NULL, &r);
	CHECK_STR(r.type, REPLY_PROBLEM);
	refusal_reshape(&shaped, &r);
	CHECK_STR(r.type, REPLY_JSON);
	CHECK_STR(r.body->data, "{\"error\":\"limit: \\\"x\\n\\\"\",\"code\":400}\n\n");
	CHECK(r.status == 400);
	reply_text(&r, REPLY_JSON, "{}", 2);	/* what is no problem is left alone */
	refusal_reshape(&shaped, &r);
	CHECK_STR(r.body->data, "{}");
	reply_free(&r);
	r.status = 404;
	refusal_reshape(&shaped, &r);
	CHECK(!r.body);
	reply_free(&r);
}

int
main(void)
{
	bodies();
	replies();
	return check_done();
}
