// Package sound turns recordings of any common kind into the one that Asterisk plays best: WAV, 8000 Hz,
// 16-bit PCM, mono.
//
// It reads WAV (PCM of 8 to 32 bits, floating point, A-law, µ-law), MP3, FLAC and Ogg Opus, at any rate and
// with any number of channels, a piece at a time: how long a recording is makes no difference to the memory
// it takes. What a file is tells its content, not its name. The same recording becomes the same bytes each
// time, so that a hash can stand for it.
//
//	r, err := sound.Convert(func() (io.ReadCloser, error) { return os.Open("welcome.mp3") }, file)
//	if err != nil {
//		return err // says what is wrong with the recording
//	}
//	log.Printf("%s of %s", r.Duration, r.From)
//
// It knows nothing of prompts and imports nothing of ours.
package sound
