package transcript_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpdate(t *testing.T) {
	tests := []struct{ name, before, after string }{
		{"nothing to do", balanceCall, balanceCall},
		{"prompts renamed, steps gone and added", `# Stays.

ring 100 from 1
# The greeting.
> answer
> play greeting
> play old-menu

# Wrong.
press 9
> play old-invalid
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 200 {"balance": 2}
> play your-balance-is money:1.00:BRL
# Bye.
> play bye
> hangup normal
# The end.
`, `# Stays.

ring 100 from 1
# The greeting.
> answer
> play main-menu
> play main-menu

# Wrong.
press 9
> play invalid
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 200 {"balance": 2}
> play your-balance-is money:2.00:BRL
# Bye.
> hangup normal
# The end.
`},
		{"a step that is new", `ring 100 from 1
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 200 {"balance": 2}
> hangup normal
`, `ring 100 from 1
> answer
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 200 {"balance": 2}
> play your-balance-is money:2.00:BRL
> hangup normal
`},
		{"steps that are new at the end, above the next call", `ring 100 from 1
> answer
> play main-menu
press 9
> play invalid

# In the morning.
clock 2026-11-22T10:00:00Z
ring 100 from 1
> answer
> play main-menu
hang up
`, `ring 100 from 1
> answer
> play main-menu
press 9
> play invalid
> play main-menu
> play main-menu
> continue operators,s,1

# In the morning.
clock 2026-11-22T10:00:00Z
ring 100 from 1
> answer
> play main-menu
hang up
`},
		{"a step that is gone", `ring 100 from 1
> answer
> set X 1
# The menu.
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 200 {"balance": 2}
> play your-balance-is money:3.00:BRL
> hangup normal
# The end.
`, `ring 100 from 1
> answer
# The menu.
> play main-menu
press 1
> http GET https://core.example/accounts/1
reply 200 {"balance": 2}
> play your-balance-is money:2.00:BRL
> hangup normal
# The end.
`},
		{"a clock above the ring", `# In the morning.
clock 2026-11-22T10:00:00Z
ring 100 from 1
> answer
> play old-menu
hang up
`, `# In the morning.
clock 2026-11-22T10:00:00Z
ring 100 from 1
> answer
> play main-menu
hang up
`},
		{"a call that ends sooner", `ring 100 from 1
> answer
> play main-menu
hang up
> play bye
press 1
# The end.
> hangup normal
`, `ring 100 from 1
> answer
> play main-menu
hang up
# The end.
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := stage(balance).Update(context.Background(), parse(t, tt.before)).String()
			if diff := cmp.Diff(tt.after, got); diff != "" {
				t.Errorf("%s\nwhole: %s", diff, got)
			}
			if diff := run(t, balance, got); diff != "" {
				t.Errorf("what was written does not pass: %s", diff)
			}
		})
	}
}
