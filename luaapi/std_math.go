package luaapi

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"
)

var mathValues = map[string]lua.LValue{
	"pi":   lua.LNumber(math.Pi),
	"huge": lua.LNumber(math.Inf(1)),
}

var mathFuncs = map[string]lua.LGFunction{
	"abs":        math1(math.Abs),
	"acos":       math1(math.Acos),
	"asin":       math1(math.Asin),
	"atan":       math1(math.Atan),
	"atan2":      math2(math.Atan2),
	"ceil":       math1(math.Ceil),
	"cos":        math1(math.Cos),
	"cosh":       math1(math.Cosh),
	"deg":        math1(func(x float64) float64 { return x * 180 / math.Pi }),
	"exp":        math1(math.Exp),
	"floor":      math1(math.Floor),
	"fmod":       math2(math.Mod),
	"frexp":      mathFrexp,
	"ldexp":      math2(func(x, n float64) float64 { return math.Ldexp(x, int(max(min(n, 5000), -5000))) }),
	"log":        math1(math.Log),
	"log10":      math1(math.Log10),
	"max":        mathMost(math.Max),
	"min":        mathMost(math.Min),
	"mod":        math2(math.Mod),
	"modf":       mathModf,
	"pow":        math2(math.Pow),
	"rad":        math1(func(x float64) float64 { return x * math.Pi / 180 }),
	"random":     mathRandom,
	"randomseed": mathRandomseed,
	"sin":        math1(math.Sin),
	"sinh":       math1(math.Sinh),
	"sqrt":       math1(math.Sqrt),
	"tan":        math1(math.Tan),
	"tanh":       math1(math.Tanh),
}

func math1(f func(float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(f(checkNumber(L, 1))))
		return 1
	}
}

func math2(f func(a, b float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(f(checkNumber(L, 1), checkNumber(L, 2))))
		return 1
	}
}

func mathMost(f func(a, b float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		most := checkNumber(L, 1)
		for i := 2; i <= L.GetTop(); i++ {
			most = f(most, checkNumber(L, i))
		}
		L.Push(lua.LNumber(most))
		return 1
	}
}

func mathFrexp(L *lua.LState) int {
	f, n := math.Frexp(checkNumber(L, 1))
	L.Push(lua.LNumber(f))
	L.Push(lua.LNumber(n))
	return 2
}

func mathModf(L *lua.LState) int {
	whole, rest := math.Modf(checkNumber(L, 1))
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(rest))
	return 2
}

// generator is the call's own, so that flows do not disturb each other and a replayed call draws the same.
func generator(L *lua.LState) *rand.Rand {
	rt := runtimeOf(L)
	if rt.random == nil {
		rt.random = rand.New(rand.NewPCG(uint64(rt.call.Seed()), 0))
	}
	return rt.random
}

func mathRandom(L *lua.LState) int {
	low, high := 1, 0
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(generator(L).Float64()))
		return 1
	case 1:
		high = checkInt(L, 1)
	default:
		low, high = checkInt(L, 1), checkInt(L, 2)
	}
	if low > high {
		argError(L, L.GetTop(), "there is no number from "+numberText(lua.LNumber(low))+" to "+numberText(lua.LNumber(high)))
	}
	L.Push(lua.LNumber(low + int(generator(L).Int64N(int64(high-low)+1))))
	return 1
}

func mathRandomseed(L *lua.LState) int {
	runtimeOf(L).random = rand.New(rand.NewPCG(math.Float64bits(checkNumber(L, 1)), 0))
	return 0
}
