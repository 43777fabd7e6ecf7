#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "collectors/document.h"
#include "collectors/headerfile.h"
#include "lib/fdio.h"
#include "lib/log.h"

enum { HEADER_FILE_MAX = 64 << 10 };

bool
headerfile_read(const char *file, struct strlist *out, struct strbuf *why)
{
	struct strbuf text = {0}, fault = {0};
	bool good = false;

	if (fd_slurp(file, HEADER_FILE_MAX, &text) < 0)
		strbuf_addf(why, "%s: %s", file, errno == EFBIG ? "larger than 64 KiB" : strerror(errno));
	else if (!document_headers(text.s ? text.s : "", text.len, out, &fault))
		strbuf_addf(why, "%s:%s", file, fault.s);
	else
		good = true;
	if (!good)
		document_headers_free(out);
	strbuf_free(&text);
	strbuf_free(&fault);
	return good;
}

void
headerfile_check(const char *file)
{
	struct strlist list = {0};
	struct strbuf why = {0};
	struct stat st;

	if (!file)
		return;
	if (!headerfile_read(file, &list, &why))
		die(2, "%s", why.s);
	document_headers_free(&list);
	if (!stat(file, &st) && st.st_mode & S_IROTH)
		log_warn("%s: everybody on this machine can read it", file);
}
