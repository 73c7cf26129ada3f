package luaapi

import (
	"strings"
	"testing"
)

// TestHelpers wants what functions that only compute return, or how they refuse.
func TestHelpers(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{`crypto.hash("sha256", "abc")`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{`crypto.hash("md5", "", "base64")`, "1B2M2Y8AsgTpgAmY7PhCfg=="},
		{`#crypto.hash("sha512", "abc", "raw")`, "64"},
		{`crypto.hash("sha257", "abc")`, `crypto.hash: algorithm: want sha256 or sha512 or sha1 or md5, got "sha257"; did you mean sha256?`},
		{`crypto.hmac("sha256", "key", "The quick brown fox jumps over the lazy dog")`, "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"},
		{`crypto.equal("a", "a"), crypto.equal("a", "b"), crypto.equal("a", "aa")`, "true false false"},
		{`crypto.encode("\255\254"), crypto.encode("\255\254", "base64url"), crypto.encode("\255", "hex")`, "//4= __4 ff"},
		{`crypto.decode("aGVsbG8="), crypto.decode("aGVsbG8", "base64url"), crypto.decode("6869", "hex")`, "hello hello hi"},
		{`crypto.decode("a")`, "nil not base64: illegal base64 data at input byte 0"},
		{`#crypto.random(5), #crypto.random(5, "raw"), crypto.random(8) ~= crypto.random(8)`, "10 5 true"},
		{`crypto.random(1025)`, "crypto.random: bytes: 1025 is too large; 1024 is the most"},
		{`crypto.random(0)`, "crypto.random: want 1 byte or more, got 0"},
		{`#crypto.random_digits(6), (string.find(crypto.random_digits(100), "^%d+$"))`, "6 1"},
		{`(string.find(crypto.uuid(), "^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$")), crypto.uuid() ~= crypto.uuid()`, "1 true"},

		{`url.encode("Ana & Co/ü"), url.decode("Ana%20%26+Co")`, "Ana%20&%20Co%2F%C3%BC Ana & Co"},
		{`url.decode("%zz")`, `nil invalid URL escape "%zz"`},
		{`url.query { b = "x y&", a = 2, c = true }`, "a=2&b=x+y%26&c=true"},
		{`url.query { 1 }`, "url.query: want names with a text, a number or a boolean each, got the number 1 = the number 1"},
		{`(function() local u = url.parse("https://me:pw@core.example:8443/a%20b?id=7&id=8#top")
			return u.scheme, u.user, u.host, u.port, u.path, u.query.id, u.fragment end)()`, "https me core.example 8443 /a b 7 top"},
		{`url.parse("http://[::1")`, `nil parse "http://[::1": missing ']' in host`},

		{`regex.match([[(?P<area>\d{2})(\d+)]], "x8199")["area"], regex.match([[(\d)(\d)]], "12")[2], regex.match("a", "b")`, "81 2 nil"},
		{`#regex.find_all([[\d]], "1 2 3"), regex.find_all([[\d]], "1 2 3")[3][0], #regex.find_all("x", "y")`, "3 3 0"},
		{`regex.replace([[(\w+)@(?P<at>\w+)]], "a@b c@d", "${at}:$1"), regex.replace("x*", "ab", "-"), regex.replace("q", "ab", "-")`, "b:a d:c -a-b- ab"},
		{`regex.match("(", "")`, "regex.match: no regular expression: error parsing regexp: missing closing ): `(`"},
		{`regex.match(string.rep("a", 1001), "")`, "regex.match: the expression has 1001 characters; 1000 is the most"},
		{`regex.replace("a", string.rep("a", 2000), string.rep("b", 1000))`, "regex.replace: the result may have more than 1048576 bytes"},
		{`regex.replace("a+", string.rep("a", 3000), string.rep("$0", 500))`, "regex.replace: the result may have more than 1048576 bytes"},
		{`regex.replace("", string.rep("a", 200000), "")`, "regex.replace: the expression fits in 100000 places or more"},

		{`(function() local n = phone.parse("(81) 99876-5432", "br")
			return n.e164, n.national, n.international, n.region, n.country, n.kind, n.valid end)()`,
			"+5581998765432 (81) 99876-5432 +55 81 99876-5432 BR 55 mobile true"},
		{`phone.parse("+49 30 123456").kind, phone.parse("+1 202 555 0143").region, phone.parse("12", "DE").valid`, "fixed US false"},
		{`phone.parse("hello", "US")`, `nil "hello" is no telephone number: the phone number supplied is not a number`},
		{`phone.parse("30123456")`, `nil "30123456" is no telephone number: invalid country code`},
		{`limit.per("a", 2, "1h"), limit.per("a", 2, "1h")`, "true true 0"},
		{`(limit.per("a", 1, "1h")), (limit.per("a", 1, "1h")), (limit.per("b", 1, 60)), (limit.per("a", 1, 60, { shared = true }))`, "true false true true"},
		{`limit.per("a", 1, 0.5)`, "limit.per: period: a second is the least and a year the most, got 0.5"},
		{`limit.per("a", 1, "2w")`, `limit.per: period: "2w" is no time such as "30s", "5m", "1h" or "2d"`},
		{`limit.per("a", 0, 60)`, "limit.per: most is 0; it must be 1 or more"},
		{`limit.lock("x", "10m"), limit.lock("x", "10m"), limit.unlock("x"), limit.unlock("x"), limit.lock("x", 60)`, "true false true false true"},

		{`phone.parse("1", "XX")`, `phone.parse: there is no region "XX"; use a country's code of two letters such as "BR"`},
	} {
		got, err := runLua(t, "print("+test.source+")")
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "flow.lua:1: ")
		}
		if got = strings.Join(strings.Fields(got), " "); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.source, got, test.want)
		}
	}
}
