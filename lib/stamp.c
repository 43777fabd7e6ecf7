#include <time.h>

#include "lib/stamp.h"

enum { MIN_DAYS = -719528, MAX_DAYS = 2932896 };	/* 0000-01-01, 9999-12-31 */

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years count from March. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_from_days(int64_t z, int *y, int *m, int *d)
{
	int64_t era, doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

/* n digits at p as a number, -1 if they are not. */
static int
digits(const char *p, int n)
{
	int v = 0;

	while (n--) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p++ - '0');
	}
	return v;
}

static int
month_days(int y, int m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)) ? 29 : days[m - 1];
}

/* The zone at p, in minutes east of UTC; false if there is none or anything behind it. */
static bool
parse_zone(const char *p, const char *end, int *minutes)
{
	int h, m;

	*minutes = 0;
	if (end - p == 1)
		return *p == 'Z' || *p == 'z';
	if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':')
		return false;
	h = digits(p + 1, 2);
	m = digits(p + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*minutes = (*p == '-' ? -1 : 1) * (h * 60 + m);
	return true;
}

bool
stamp_parse(const char *s, size_t n, int64_t *ms)
{
	int y, mo, d, h, mi, sec, frac = 0, scale = 100, zone;
	const char *p, *end = s + n;

	if (n < 20 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != 't') || s[13] != ':' || s[16] != ':')
		return false;
	y = digits(s, 4);
	mo = digits(s + 5, 2);
	d = digits(s + 8, 2);
	h = digits(s + 11, 2);
	mi = digits(s + 14, 2);
	sec = digits(s + 17, 2);
	if (y < 0 || mo < 1 || mo > 12 || d < 1 || d > month_days(y, mo) || h < 0 || h > 23 || mi < 0 || mi > 59 ||
	    sec < 0 || sec > 60)
		return false;
	p = s + 19;
	if (*p == '.') {
		if (++p == end || *p < '0' || *p > '9')
			return false;
		for (; p < end && *p >= '0' && *p <= '9'; p++, scale /= 10)
			frac += (*p - '0') * scale;
	}
	if (!parse_zone(p, end, &zone))
		return false;
	if (sec == 60)
		sec = 59;
	*ms = ((days_from_civil(y, mo, d) * 24 + h) * 60 + mi - zone) * 60000 + sec * 1000 + frac;
	return true;
}

static void
put(char *p, int n, int v)
{
	while (n--) {
		p[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

char *
stamp_format(int64_t ms, char out[STAMP_LEN + 1])
{
	const int64_t day = 86400000, least = MIN_DAYS * day, most = MAX_DAYS * day + day - 1;
	int64_t days, rest;
	int y, m, d;

	ms = ms < least ? least : ms > most ? most : ms;
	days = (ms - least) / day + MIN_DAYS;
	rest = ms - days * day;
	civil_from_days(days, &y, &m, &d);
	for (int i = 0; i <= STAMP_LEN; i++)
		out[i] = "0000-00-00T00:00:00.000Z"[i];
	put(out, 4, y);
	put(out + 5, 2, m);
	put(out + 8, 2, d);
	put(out + 11, 2, (int)(rest / 3600000));
	put(out + 14, 2, (int)(rest / 60000 % 60));
	put(out + 17, 2, (int)(rest / 1000 % 60));
	put(out + 20, 3, (int)(rest % 1000));
	return out;
}

static int64_t
clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
stamp_now(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t
stamp_mono(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
