package say_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine/say"
)

func Example() {
	all, err := say.Builtin()
	if err != nil {
		log.Fatal(err)
	}
	amount, err := say.ParseDecimal("1250.40")
	if err != nil {
		log.Fatal(err)
	}
	for _, code := range []string{"en", "pt_BR", "ru"} {
		l, _ := all.Lookup(code)
		names, err := l.Money(amount, "BRL")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.Text(names))
	}
	// Output:
	// one thousand two hundred fifty reais and forty centavos
	// mil duzentos e cinquenta reais e quarenta centavos
	// одна тысяча двести пятьдесят реалов сорок сентаво
}

func ExampleMissing() {
	all, err := say.Builtin()
	if err != nil {
		log.Fatal(err)
	}
	l, _ := all.Lookup("en")
	names, err := l.Duration(49*time.Hour, time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	set, _ := say.Packaged("en")
	fmt.Println(l.Text(names))
	fmt.Println("to be recorded:", strings.Join(say.Missing(names, set.Has), ", "))
	// Output:
	// two days and one hour
	// to be recorded: days, hour
}
