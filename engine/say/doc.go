// Package say turns values into the names of sounds that say them: numbers, money, dates, times, durations,
// telephone numbers, letters, counted things. The names are those of Asterisk's own sounds where it has any,
// and what a set of sounds lacks can be asked for beforehand.
//
// What a language does is data: one file in languages/ each, with rules in the manner of CLDR's rule-based
// number formats, read by one interpreter. languages/README.md tells how to write one; Load reads more of
// them from a folder of the operator's.
//
// It is pure computing. It plays nothing and knows no channel; it does not look for files, though it can
// tell what a set given to it lacks; it is no text-to-speech, though Text has the words of every list.
//
//	all, err := say.Builtin()
//	if err != nil {
//		return err
//	}
//	l, _ := all.Lookup("pt_BR")
//	amount, err := say.ParseDecimal("1250.40")
//	if err != nil {
//		return err
//	}
//	names, err := l.Money(amount, "BRL")
//	if err != nil {
//		return err
//	}
//	return call.Play(ctx, names.Prompts())
package say
