package luaapi

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/google/uuid"
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// cryptoModule is digests, encodings and random values.
var cryptoModule = bind.Module{
	Name: "crypto",
	Doc: "Digests, encodings and random values. What is random comes from a seed of the call that is in its journal, so that " +
		"the call can be run again: keep journals as safe as what is made of it.",
	Funcs: []bind.Func{cryptoHash, cryptoHMAC, cryptoEqual, cryptoEncode, cryptoDecode, cryptoRandom, cryptoDigits, cryptoUUID},
}

// algorithms are the digests by name.
var algorithms = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New, "sha1": sha1.New, "md5": md5.New}

// encoded is bytes as a text, or as they are.
func encoded(b []byte, encoding string) string {
	switch encoding {
	case "hex":
		return hex.EncodeToString(b)
	case "base64":
		return base64.StdEncoding.EncodeToString(b)
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return string(b)
}

type cryptoHashArgs struct {
	Algorithm string `lua:"algorithm" one:"sha256 sha512 sha1 md5" doc:"The digest. sha1 and md5 are for systems that know no better."`
	Text      string `lua:"text" doc:"Of what."`
	Encoding  string `lua:"encoding" one:"hex base64 base64url raw" default:"\"hex\"" doc:"How the digest is written."`
}

var cryptoHash = bind.Func{
	Name:    "hash",
	Doc:     "The digest of a text.",
	Example: `local id = crypto.hash("sha256", "5551234")`,
	Impl: bind.Pure(func(_ *engine.Call, a cryptoHashArgs) (string, error) {
		h := algorithms[a.Algorithm]()
		h.Write([]byte(a.Text))
		return encoded(h.Sum(nil), a.Encoding), nil
	}),
}

type cryptoHMACArgs struct {
	Algorithm string `lua:"algorithm" one:"sha256 sha512 sha1 md5" doc:"The digest."`
	Key       string `lua:"key" doc:"The secret that both sides know."`
	Text      string `lua:"text" doc:"Of what."`
	Encoding  string `lua:"encoding" one:"hex base64 base64url raw" default:"\"hex\"" doc:"How the digest is written."`
}

var cryptoHMAC = bind.Func{
	Name:    "hmac",
	Doc:     "The digest of a text and a secret (RFC 2104), with which others can tell that the text is from you.",
	Example: `local signature = crypto.hmac("sha256", "secret", '{"order": 7}', "base64")`,
	Impl: bind.Pure(func(_ *engine.Call, a cryptoHMACArgs) (string, error) {
		h := hmac.New(algorithms[a.Algorithm], []byte(a.Key))
		h.Write([]byte(a.Text))
		return encoded(h.Sum(nil), a.Encoding), nil
	}),
}

type cryptoEqualArgs struct {
	A string `lua:"a" doc:"One text."`
	B string `lua:"b" doc:"The other one."`
}

var cryptoEqual = bind.Func{
	Name: "equal",
	Doc:  "Whether two secrets are the same, found out in a time that does not tell how much of them is.",
	Example: `local kept = "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4"
if crypto.equal(crypto.hash("sha256", "1234"), kept) then log.info("right") end`,
	Impl: bind.Pure(func(_ *engine.Call, a cryptoEqualArgs) (bool, error) {
		return subtle.ConstantTimeCompare([]byte(a.A), []byte(a.B)) == 1, nil
	}),
}

type cryptoEncodeArgs struct {
	Text     string `lua:"text" doc:"What to encode."`
	Encoding string `lua:"encoding" one:"hex base64 base64url" default:"\"base64\"" doc:"How."`
}

var cryptoEncode = bind.Func{
	Name:    "encode",
	Doc:     "A text in base64 or hex. base64url has no = at its end.",
	Example: `local header = "Basic " .. crypto.encode("user:password")`,
	Impl: bind.Pure(func(_ *engine.Call, a cryptoEncodeArgs) (string, error) {
		return encoded([]byte(a.Text), a.Encoding), nil
	}),
}

type decodedResult struct {
	bind.Multi
	Text string `lua:"text" doc:"The text; nil and the reason if it cannot be decoded."`
}

var cryptoDecode = bind.Func{
	Name:    "decode",
	Doc:     "Reads base64 or hex.",
	Example: `local text, why = crypto.decode("aGVsbG8=")`,
	Impl: bind.Pure(func(_ *engine.Call, a cryptoEncodeArgs) (decodedResult, error) {
		var b []byte
		var err error
		switch text := strings.TrimSpace(a.Text); a.Encoding {
		case "hex":
			b, err = hex.DecodeString(text)
		case "base64url":
			b, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		default:
			b, err = base64.StdEncoding.DecodeString(text)
		}
		if err != nil {
			return decodedResult{}, &bind.Failure{Err: fmt.Errorf("not %s: %w", a.Encoding, err)}
		}
		return decodedResult{Text: string(b)}, nil
	}),
}

type cryptoRandomArgs struct {
	Bytes    int    `lua:"bytes" max:"1024" doc:"How many bytes."`
	Encoding string `lua:"encoding" one:"hex base64 base64url raw" default:"\"hex\"" doc:"How they are written."`
}

var cryptoRandom = bind.Func{
	Name:    "random",
	Doc:     "Random bytes.",
	Example: `local token = crypto.random(16, "base64url")`,
	Impl: bind.Act(func(c *engine.Call, a cryptoRandomArgs) (string, error) {
		if a.Bytes < 1 {
			return "", fmt.Errorf("want 1 byte or more, got %d", a.Bytes)
		}
		b := make([]byte, a.Bytes)
		c.Random(b)
		return encoded(b, a.Encoding), nil
	}),
}

type cryptoDigitsArgs struct {
	Count int `lua:"count" max:"100" doc:"How many."`
}

var cryptoDigits = bind.Func{
	Name:    "random_digits",
	Doc:     "Random digits, such as a code to say to the caller.",
	Example: `call:play { "your-code-is", say.digits(crypto.random_digits(6)) }`,
	Impl: bind.Act(func(c *engine.Call, a cryptoDigitsArgs) (string, error) {
		if a.Count < 1 {
			return "", fmt.Errorf("want 1 digit or more, got %d", a.Count)
		}
		digits := make([]byte, 0, a.Count)
		var b [1]byte
		for len(digits) < a.Count {
			if c.Random(b[:]); b[0] < 250 { // so that each digit is as likely
				digits = append(digits, '0'+b[0]%10)
			}
		}
		return string(digits), nil
	}),
}

var cryptoUUID = bind.Func{
	Name:    "uuid",
	Doc:     "A random UUID (RFC 9562, version 4).",
	Example: `local id = crypto.uuid()`,
	Impl: bind.Act(func(c *engine.Call, _ none) (string, error) {
		var b [16]byte
		c.Random(b[:])
		id, err := uuid.NewRandomFromReader(strings.NewReader(string(b[:])))
		return id.String(), err
	}),
}
