#include "common/sns/self_test.h"

#include "common/sns/certificate.h"

#include "common/base/banned.h"

/* It lasted a day, has no name of SNS's, and its private key is gone. */
static const char pem[] = "-----BEGIN CERTIFICATE-----\n"
			  "MIICsTCCAZmgAwIBAgIBATANBgkqhkiG9w0BAQsFADAcMRowGAYDVQQDDBFzZWxm\n"
			  "LXRlc3QuaW52YWxpZDAeFw0yNjAxMDEwMDAwMDBaFw0yNjAxMDIwMDAwMDBaMBwx\n"
			  "GjAYBgNVBAMMEXNlbGYtdGVzdC5pbnZhbGlkMIIBIjANBgkqhkiG9w0BAQEFAAOC\n"
			  "AQ8AMIIBCgKCAQEAvquBc0fzwsGuA9dYySd2HNRijFrARFWhOBJH9hr0LpYkohAO\n"
			  "A6/oI6f3tpy0r0t73Tkc1QhJjOSOhU9WEChambW+hKnj2PyqCqouUPMf8hviEfDM\n"
			  "QxWScpQS+v7f270kjE+4sl/SmRCXADkQ9x3OFnh06YVWhddhXqlxj5jSiFHpGQFg\n"
			  "L8Un66aMvDx4s/OqIZrYljqemZ4RYWkFxbSSGVzYwu+R/dEZkPnCOW/fBq7iPWY2\n"
			  "FOXuEPLmos+Rx6gikqXyaJ06KF8gXTxJiyzSiLWYg6DpT+tUkswGSR4uGU59iKt2\n"
			  "4XzK1FvNOZ5jASmPZgyreD4YbyuMGI/eb4GNPQIDAQABMA0GCSqGSIb3DQEBCwUA\n"
			  "A4IBAQBQuxKtv95/ehWsmWfHtwLsUFHHEtZ63gQccLG5LkI+MxL6IK3rA2IJI1YP\n"
			  "Wp10j2zf8zCy9ovRILEsLLnHM07o7x7Oab3Y74PMkXR+7+IA0uDsc8nnYlpgfXWH\n"
			  "56to4YUgTe+M1OQ4gzrcz7fkAdFIWF8Tv2G7RPun1+wGsEOrRCN33qBRO8XTchu9\n"
			  "b8obc8TjapIl7cUvxfmlQouayhdo9j5ce5sAnSrT/1RGXqyy56yg28JVT8lDqu/i\n"
			  "2DCbJmv0tUW2WpwmCWFiDbkzyMVm7KFjNPArbVyi89oieXfAqdivNZARbowDhvZh\n"
			  "BVE4yFJhGLicQw76Mp1Zx5vtrO8V\n"
			  "-----END CERTIFICATE-----\n";

/* Of a Notification that says "evergold", and else nothing. */
static const struct {
	const char *version, *signature;
} vectors[] = {
	{ "1", "czOck29DaxhMId2IT1kyzaXHiCa9UY1bzOb+tD26GS3+Upli4PeRw3USstpN3/2TeFY10m7bCg+H"
	       "6elrMJtHJbOgoPYOBEkdB4NsBJ3aeMTq9rDgRT653NqsfuwRQ+Vr6uC3ImNnK8kb5Kckx7InUI2I"
	       "BTbryqQ9Jif9djawK5v+11R0MsNXT6hrZT6fZoPZuuTZWT0UP5RbBysNR5ka/LfxCboxET8vtgjJ"
	       "A9q1SS+IbfjJU9EIlmf1xGwekuoj5OORU80cKmeQ0fZVNESdCZAQLQENxpCkG+2mPEC4IZQ2DFVy"
	       "LaBbD+/5eZ96cXyUnOSiund36MB9pWErSO9qWg==" },
	{ "2", "JUJRLXcjr0WXAzzAKDfwJhkjmcNYWls+6j/5VD9Bitlqbj3sV+jqOg6RDIt6vvrNFPIU3YY2HgmE"
	       "Kpt9u9PevfeMTJzrSXB4L6571v2Ut+rZntOnMYUSvM7lEBLIrW3Tj70re9T4ustBE/H/EkAjPTU2"
	       "3OyLiuuZn3Rni7ryRIPtXG3b+IJ9WQc5oSMaLU+V18By7FfdRwG5zyAZhd+F34KiFNJgj0CnBVfv"
	       "EmfgWthM666PslWq4fGcTJr5XEumkquqI8fC7amuCSuFIRqa7n8eceTlqVlrXwTX+8bGQ5MY7/iQ"
	       "zkJYCOtEkAjPbwhMOnY5IISB7crMrWUqJ7ifjg==" },
};

static bool verifies(const struct certificate *certificate, const char *version,
                     const char *signature)
{
	const struct envelope envelope = {
		.type = SPAN("Notification"),
		.message_id = SPAN(""),
		.topic_arn = SPAN(""),
		.message = SPAN("evergold"),
		.timestamp = SPAN(""),
		.signature_version = span_of(version),
		.signature = span_of(signature),
	};
	enum reason reason;

	return certificate_verify(certificate, &envelope, &reason, NULL);
}

bool self_test_signature(struct span version)
{
	enum reason reason;
	struct certificate *certificate = certificate_parse(SPAN(pem), &reason, NULL);
	bool fine = false;

	for (size_t i = 0; certificate && i < ARRAY_LEN(vectors); i++) {
		if (span_is(version, vectors[i].version))
			fine = verifies(certificate, vectors[i].version, vectors[i].signature);
	}
	certificate_free(certificate);
	return fine;
}
