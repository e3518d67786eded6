package jobs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Sign is the signature of a webhook with an ID, a time in seconds of Unix time and a body, as the header Webhook-Signature has it:
// HMAC-SHA256 by the Standard Webhooks specification, version 1.
func Sign(secret, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s.", id, at)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
