/*
 * bare_poll: what a long poll costs with libcurl and nothing else: the baseline of idle_bench.py.
 *
 *	bare_poll URL
 *
 * Asks the URL with a POST like ReceiveMessage's, discards the answer, and asks again, until it is
 * ended by a signal.
 */
#include <curl/curl.h>
#include <stdio.h>

static size_t discard(char *bytes, size_t size, size_t n, void *ctx)
{
	(void)bytes;
	(void)ctx;
	return size * n;
}

static CURLcode poll_forever(CURL *easy)
{
	CURLcode result;

	do {
		result = curl_easy_perform(easy);
	} while (result == CURLE_OK);
	return result;
}

static CURLcode poll_url(const char *url)
{
	CURL *easy = curl_easy_init();
	CURLcode result = CURLE_FAILED_INIT;

	if (!easy)
		return result;
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{\"WaitTimeSeconds\":20}");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
	result = poll_forever(easy);
	curl_easy_cleanup(easy);
	return result;
}

int main(int argc, char **argv)
{
	CURLcode result;

	if (argc != 2) {
		fputs("usage: bare_poll URL\n", stderr);
		return 2;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	result = poll_url(argv[1]);
	fprintf(stderr, "bare_poll: %s\n", curl_easy_strerror(result));
	curl_global_cleanup();
	return 1;
}
