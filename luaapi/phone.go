package luaapi

import (
	"fmt"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/nyaruka/phonenumbers"
)

// phoneModule knows the numbering plans of all countries.
var phoneModule = bind.Module{
	Name:  "phone",
	Doc:   "Telephone numbers of all countries.",
	Funcs: []bind.Func{phoneParse},
}

type phoneParseArgs struct {
	Number string `lua:"number" doc:"A number as people write it, or as it was dialed."`
	Region string `lua:"region,optional" doc:"Where it was written or dialed, such as \"BR\"; not needed for numbers with a +."`
}

type phoneParseResult struct {
	bind.Multi
	Number *phoneNumber `lua:"number" doc:"The number; nil and the reason if it is none."`
}

type phoneNumber struct {
	E164          string `lua:"e164" doc:"As all networks understand it: +5581998765432."`
	National      string `lua:"national" doc:"As people of its country write it: (81) 99876-5432."`
	International string `lua:"international" doc:"As others do: +55 81 99876-5432."`
	Region        string `lua:"region" doc:"Its country, such as BR; \"\" if it belongs to none."`
	Country       int    `lua:"country" doc:"The country's code, such as 55."`
	Kind          string `lua:"kind" doc:"mobile, fixed, fixed_or_mobile, toll_free, premium, shared_cost, voip, personal, pager, uan, voicemail or unknown."`
	Valid         bool   `lua:"valid" doc:"Whether such a number exists in its country's plan."`
}

var phoneKinds = map[phonenumbers.PhoneNumberType]string{
	phonenumbers.MOBILE: "mobile", phonenumbers.FIXED_LINE: "fixed", phonenumbers.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
	phonenumbers.TOLL_FREE: "toll_free", phonenumbers.PREMIUM_RATE: "premium", phonenumbers.SHARED_COST: "shared_cost",
	phonenumbers.VOIP: "voip", phonenumbers.PERSONAL_NUMBER: "personal", phonenumbers.PAGER: "pager", phonenumbers.UAN: "uan",
	phonenumbers.VOICEMAIL: "voicemail", phonenumbers.UNKNOWN: "unknown",
}

var phoneParse = bind.Func{
	Name: "parse",
	Doc:  "Reads a telephone number.",
	Example: `local number, why = phone.parse(call.caller.number, "BR")
if number and number.kind == "mobile" then log.info("text to", number.e164) end`,
	Impl: bind.Pure(func(_ *engine.Call, a phoneParseArgs) (phoneParseResult, error) {
		region := strings.ToUpper(a.Region)
		if a.Region != "" && !phonenumbers.GetSupportedRegions()[region] {
			return phoneParseResult{}, fmt.Errorf("there is no region %q; use a country's code of two letters such as \"BR\"", a.Region)
		}
		n, err := phonenumbers.Parse(a.Number, region)
		if err != nil {
			return phoneParseResult{}, &bind.Failure{Err: fmt.Errorf("%q is no telephone number: %w", a.Number, err)}
		}
		return phoneParseResult{Number: &phoneNumber{
			E164:          phonenumbers.Format(n, phonenumbers.E164),
			National:      phonenumbers.Format(n, phonenumbers.NATIONAL),
			International: phonenumbers.Format(n, phonenumbers.INTERNATIONAL),
			Region:        phonenumbers.GetRegionCodeForNumber(n),
			Country:       int(n.GetCountryCode()),
			Kind:          phoneKinds[phonenumbers.GetNumberType(n)],
			Valid:         phonenumbers.IsValidNumber(n),
		}}, nil
	}),
}
