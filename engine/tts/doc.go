// Package tts has texts spoken by a text-to-speech engine, and keeps what came of it.
//
// An engine is a command, such as espeak-ng or piper, or a service that answers to a POST request. The same
// text is spoken once, in the form that Asterisk plays best, for as long as the store has room for it.
//
//	s := &tts.Speaker{Maker: tts.Command{"espeak-ng", "-v", "{voice}", "--stdin", "--stdout"}, Store: store}
//	defer s.Close()
//	file, err := s.Speak(ctx, tts.Text{Language: "pt_BR", Words: "Obrigado por ligar."})
//
// It knows nothing of calls and prompts.
package tts
