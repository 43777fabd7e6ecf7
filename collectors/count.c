#include "collectors/count.h"
#include "collectors/sessions.h"
#include "lib/json.h"

bool
count_read(const char *body, size_t len, long long *n)
{
	struct span all = json_trim(body, len), value;
	size_t at;
	double d;

	if (json_check(body, len, &at))
		return false;
	value = json_member(all, "error");	/* KATO tells some failures inside HTTP 200 */
	if (value.p && !json_is(value, 'n'))
		return false;
	value = json_member(all, "active_session_count");
	if (!value.p)
		value = json_member(all, "active_sessions");
	if (!json_number(value, &d) || d < 0 || d > SESSIONS_MAX || d != (double)(long long)d)
		return false;
	*n = (long long)d;
	return true;
}
