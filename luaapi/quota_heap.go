package luaapi

import (
	"math"
	"reflect"
	"strconv"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What one flow may hold.
const (
	maxHeap = 16 << 20  // bytes live in one call's Lua state
	maxList = 1<<16 - 1 // items of a list; see configure

	instructionBytes = 64      // what an instruction allocates on average, at most
	weighStep        = 4 << 20 // bytes allocated before the heap is weighed
)

// A heap keeps a flow's memory within bounds. gopher-lua has no allocator hook, so it is done in two steps:
// what a flow may have allocated is estimated from above (a flat sum per instruction, exact sums from the
// functions that make strings and lists), and each time that estimate has grown by 4 MB or by as much as was
// live, the values that the flow can still reach are weighed. Only live memory counts against the limit, and
// only the flow that holds it pays; a flow that makes less than 4 MB is never weighed.
type heap struct {
	charged int64
	next    int64 // weigh when charged reaches it
}

func (h *heap) charge(q *quota, bytes int) {
	h.charged += int64(bytes)
	if h.due() {
		q.soon()
	}
}

func (h *heap) due() bool { return h.charged >= h.next }

func (h *heap) weigh(q *quota) {
	s := scale{most: maxHeap, seen: map[unsafe.Pointer]struct{}{}}
	s.weigh(q.rt)
	if s.total > maxHeap {
		q.endAtLimit("memory", strconv.Itoa(maxHeap>>20)+" MB", "a table or a list of texts grows without end")
	}
	h.next = h.charged + max(weighStep, int64(s.total))
}

// charge notes that the flow was given bytes of new memory by other means than its own instructions.
func (rt *runtime) charge(bytes int) { rt.heap.charge(rt.quota, bytes) }

// A scale adds up what is reachable.
type scale struct {
	total, most int
	seen        map[unsafe.Pointer]struct{}
	todo        []lua.LValue
}

func (s *scale) first(p unsafe.Pointer) bool {
	if _, ok := s.seen[p]; ok {
		return false
	}
	s.seen[p] = struct{}{}
	return true
}

// weigh adds up all that the flow can reach.
func (s *scale) weigh(rt *runtime) {
	for th := rt.current(); th != nil; th = th.Parent {
		s.value(th)
	}
	s.value(rt.main)
	s.value(rt.main.G.Global)
	s.value(rt.main.G.Registry)
	for _, m := range rt.made {
		s.value(m.value)
	}
	for _, m := range rt.modules {
		if m.value != nil {
			s.value(m.value)
		}
	}
	s.work()
}

// reach returns whether the flow can still reach a coroutine.
func (h *heap) reach(rt *runtime) func(*lua.LState) bool {
	s := scale{most: math.MaxInt, seen: map[unsafe.Pointer]struct{}{}}
	s.weigh(rt)
	return func(th *lua.LState) bool {
		_, ok := s.seen[unsafe.Pointer(th)]
		return ok
	}
}

// value counts v itself and remembers what it leads to.
func (s *scale) value(v lua.LValue) {
	const word = 8
	switch x := v.(type) {
	case lua.LNumber:
		s.total += word
	case lua.LString:
		const small = 32
		if len(x) <= small || s.first(unsafe.Pointer(unsafe.StringData(string(x)))) {
			s.total += 2*word + len(x)
		}
	case *lua.LTable:
		if s.first(unsafe.Pointer(x)) {
			s.total += tableBytes(x)
			s.todo = append(s.todo, x)
		}
	case *lua.LFunction:
		if s.first(unsafe.Pointer(x)) {
			s.total += 8*word + 8*word*len(x.Upvalues)
			s.todo = append(s.todo, x)
		}
	case *lua.LUserData:
		if s.first(unsafe.Pointer(x)) {
			s.total += 8 * word
			if holds, ok := x.Value.(interface{ weight() int }); ok {
				s.total += holds.weight()
			}
			s.todo = append(s.todo, x)
		}
	case *lua.LState:
		if s.first(unsafe.Pointer(x)) {
			s.todo = append(s.todo, x)
		}
	}
}

func (s *scale) work() {
	for len(s.todo) > 0 && s.total <= s.most {
		v := s.todo[len(s.todo)-1]
		s.todo = s.todo[:len(s.todo)-1]
		switch x := v.(type) {
		case *lua.LTable:
			s.value(x.Metatable)
			x.ForEach(func(k, v lua.LValue) {
				if s.total <= s.most {
					s.value(k)
					s.value(v)
				}
			})
		case *lua.LFunction:
			for _, up := range x.Upvalues {
				if up != nil {
					s.value(up.Value())
				}
			}
		case *lua.LUserData:
			s.value(x.Metatable)
		case *lua.LState:
			registers := registersOf(x)
			s.total += stateBytes + 16*cap(registers)
			for _, r := range registers {
				s.value(r)
			}
		}
	}
}

// stateBytes is what a coroutine takes besides its registers.
const stateBytes = 2048

// tableBytes is the size of t without what is in it. gopher-lua keeps the capacities to itself, and after
// t[60000] = 1; t[60000] = nil nothing public shows that the memory is still held.
func tableBytes(t *lua.LTable) int {
	v := reflect.ValueOf(t).Elem()
	const header, slot, entry = 96, 16, 48
	n := header
	n += slot * v.FieldByIndex(peek.tableArray).Cap()
	n += slot * v.FieldByIndex(peek.tableKeys).Cap()
	for _, m := range [][]int{peek.tableDict, peek.tableStrings, peek.tableIndex} {
		n += entry * v.FieldByIndex(m).Len()
	}
	return n
}
