package e2e

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/test/asterisk"
)

// TestParcelExample has a service that is slow and then fails: the first caller hears the filler until it answers, the
// second the apology until they talk to somebody, who sees the number.
func TestParcelExample(t *testing.T) {
	onBoth(t, func(t *testing.T, ari bool) {
		service := newHost(t)
		service.token = "parcels-token"
		service.content = map[string]string{
			"/v1/parcels?phone=11987654321": `[{"number": "40718823", "status": "in_van"}]`,
			"/v1/parcels?phone=1":           `[]`,
		}
		s := example{
			name: "parcel", languages: []string{"en"}, config: map[string]string{"https://parcels.example": service.URL},
			env: []string{"PARCELS_TOKEN=" + service.token}, phones: []string{"operators"},
		}.start(t, ari)

		service.hold()
		known := s.caller(t, "501", "11987654321")
		hearAll(t, known, "en", "welcome still-looking")
		service.well()
		enters(t, known, "en", "your-parcel digits:40718823 in-the-van other-parcel-menu", "9")
		hearAll(t, known, "en", "goodbye")

		other := s.caller(t, "501", "1")
		enters(t, other, "en", "welcome main-menu", "1")
		enters(t, other, "en", "enter-number", "40718823")
		service.unavailable()
		enters(t, other, "en", "you-entered digits:40718823 correct-1-else-2", "1")
		enters(t, other, "en", "could-not-look again-1-person-0", "1")
		enters(t, other, "en", "could-not-look again-1-person-0", "0")
		hearAll(t, other, "en", "one-moment")
		operator := s.ring(t, "operators")
		wantShown(t, operator, "Parcel 40718823")
		s.takes(t, operator, other)
		s.wantQuiet(t)
	})
}

// wantShown compares what is on the display of a phone that rings.
func wantShown(t *testing.T, p *asterisk.Phone, want string) {
	t.Helper()
	if got := p.FromName(); got != want {
		t.Errorf("the display shows %q, want %q", got, want)
	}
}

// TestSurveyExample has a caller rate two questions and leave a comment, which is in the database then, with its
// recording; who calls again is told so. Another one hangs up while speaking.
func TestSurveyExample(t *testing.T) {
	onBoth(t, func(t *testing.T, ari bool) {
		dir := "dir: ./recordings"
		if ari { // Asterisk is asked, which does not tell how long they are
			dir = "# no dir"
		}
		s := example{name: "survey", config: map[string]string{"dir: /var/spool/asterisk/recording": dir}, languages: []string{"en", "pt_BR"}, also: []string{"en number:2"}}.start(t, ari)
		url := "sqlite:" + filepath.Join(s.dir, "survey.db")
		const question = " from-1-to-5 star-to-skip"

		p := s.caller(t, "700", "11987654321")
		enters(t, p, "pt_BR", "welcome portuguese-1 english-2", "1")
		enters(t, p, "pt_BR", "three-questions question-service"+question, "5")
		enters(t, p, "pt_BR", "question-waiting"+question, "*")
		enters(t, p, "pt_BR", "question-solution"+question, "4")
		enters(t, p, "pt_BR", "comment-1-else-2", "1")
		hearAll(t, p, "pt_BR", "speak-after-tone")
		if err := p.Speak(timeout(t), p.Tone("comment"), spoken); err != nil {
			t.Fatal(err)
		}
		press(t, p, "#")
		hearAll(t, p, "pt_BR", "you-said")
		hear(t, p, "comment")
		enters(t, p, "pt_BR", "keep-1-again-2-delete-3", "1")
		hearAll(t, p, "pt_BR", "comment-kept thank-you goodbye")
		const answers = "select caller, language, service, waiting, solution, comment like 'survey/comment-%' as said from answers order by id"
		first := `{"caller":"11987654321","language":"pt_BR","service":5,"waiting":null,"solution":4,"said":1}`
		wantRows(t, url, answers, first)
		s.wantRecordings(t, "survey/comment-*.wav")

		again := s.caller(t, "700", "11987654321")
		enters(t, again, "pt_BR", "welcome portuguese-1 english-2", "1")
		hearAll(t, again, "pt_BR", "answered-today goodbye")

		leaves := s.caller(t, "700", "2")
		enters(t, leaves, "pt_BR", "welcome portuguese-1 english-2", "2")
		enters(t, leaves, "en", "three-questions question-service"+question, "*")
		enters(t, leaves, "en", "question-waiting"+question, "2")
		enters(t, leaves, "en", "question-solution"+question, "*")
		enters(t, leaves, "en", "comment-1-else-2", "1")
		hearAll(t, leaves, "en", "speak-after-tone")
		if err := leaves.Speak(timeout(t), leaves.Tone("comment"), spoken); err != nil {
			t.Fatal(err)
		}
		if err := leaves.HangUp(); err != nil {
			t.Fatal(err)
		}
		wantRows(t, url, answers, first+"\n"+`{"caller":"2","language":"en","service":null,"waiting":2,"solution":null,"said":1}`)
		s.wantRecordings(t, "survey/comment-*.wav", "survey/comment-*.wav")
		wantRows(t, url, "select question, ratings, average, skipped from results where question <> 'waiting' order by question",
			`{"question":"service","ratings":1,"average":5,"skipped":1}`+"\n"+`{"question":"solution","ratings":1,"average":4,"skipped":1}`)

		inside := s.caller(t, "701", "3")
		hearAll(t, inside, "en", "callers-so-far number:2")
		inside.HangUp()
		s.wantQuiet(t)
	})
}

// TestClinicExample has a patient confirm the next appointment, which the database knows then. While there is no
// database callers hear so and are connected to the reception, and afterwards they are served again.
func TestClinicExample(t *testing.T) {
	onBoth(t, func(t *testing.T, ari bool) {
		server := postgres(t)
		clinicTables(t, server.URL)
		const ana = "select to_char(starts at time zone 'America/Sao_Paulo', 'YYYY-MM-DD') as day from appointments where patient = 1"
		day := regexp.MustCompile(`\d{4}-\d\d-\d\d`).FindString(rows(t, server.URL, ana))
		date := "date:" + day + ":long"
		s := example{
			name: "clinic", languages: []string{"pt_BR"}, also: []string{"pt_BR " + date}, phones: []string{"reception"},
			env:    []string{"CLINIC_NIGHT_PIN=2468"},
			config: map[string]string{"postgres://ivrd:${CLINIC_PASSWORD}@127.0.0.1/clinic": server.URL},
			flows:  map[string]string{"hours.yaml": "reception: { zone: America/Sao_Paulo, mon-sun: 00:00-24:00 }\n"},
		}.start(t, ari)
		appointment := "your-appointment " + date + " at time:09:00 with-dr-costa "

		p := s.caller(t, "600", "11987654321")
		enters(t, p, "pt_BR", "welcome "+appointment+"to-confirm-1", "1")
		enters(t, p, "pt_BR", "confirmed "+appointment+"is-confirmed", "9")
		hearAll(t, p, "pt_BR", "goodbye")
		wantRows(t, server.URL, "select doctor, confirmed from appointments where patient = 1", `{"doctor":"dr-costa","confirmed":true}`)

		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		unlucky := s.caller(t, "600", "11987654321")
		hearAll(t, unlucky, "pt_BR", "welcome system-down one-moment")
		s.takes(t, s.ring(t, "reception"), unlucky)

		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		next := s.caller(t, "600", "11987654321")
		hearAll(t, next, "pt_BR", "welcome your-appointment")
		next.HangUp()
		s.wantQuiet(t)
	})
}

// clinicTables makes the tables of the example.
func clinicTables(t *testing.T, url string) {
	t.Helper()
	pools, err := database.Open([]database.Config{{Name: engine.MainDatabase, URL: url}})
	if err != nil {
		t.Fatal(err)
	}
	defer pools.Close()
	schema := regexp.MustCompile(`--.*`).ReplaceAllString(example{name: "clinic"}.read(t, "schema.sql"), "")
	for statement := range strings.SplitSeq(schema, ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := pools.Exec(t.Context(), engine.MainDatabase, statement, nil, 0); err != nil {
			t.Fatalf("%s\n%v", statement, err)
		}
	}
}

// TestBankExample has a customer hear the balance and talk to the adviser, who hears the account first. Wrong PINs lock
// an account, also for the right one; what is known of the caller is on an agent's display.
func TestBankExample(t *testing.T) {
	onBoth(t, func(t *testing.T, ari bool) {
		s := example{
			name: "bank", languages: []string{"en"}, phones: []string{"anna", "agents"},
			env:  []string{"BANK_PIN_KEY=change-me-9f2c61d07be84a35"},
			also: []string{"en money:1250.4:BRL digits:700142"},
		}.start(t, ari)
		customer := func(account, pin string) *asterisk.Phone {
			t.Helper()
			p := s.caller(t, "401", account)
			hearAll(t, p, "en", "welcome")
			s.shows(t, p, account, pin)
			return p
		}

		ana := customer("700142", "8352")
		enters(t, ana, "en", "main-menu", "1")
		enters(t, ana, "en", "your-balance-is money:1250.4:BRL main-menu", "0")
		hearAll(t, ana, "en", "one-moment")
		adviser := s.ring(t, "anna")
		if err := adviser.Answer(); err != nil {
			t.Fatal(err)
		}
		enters(t, adviser, "en", "customer-of-account digits:700142 press-1-to-take-it", "1")
		speaksTo(t, adviser, ana, "hello")
		speaksTo(t, ana, adviser, "good-day")
		adviser.HangUp()
		if _, err := ana.WaitEnded(timeout(t)); err != nil {
			t.Error(err)
		}

		forgot := customer("700361", "1111")
		for _, pin := range []string{"2222", "3333"} {
			hearAll(t, forgot, "en", "account-or-pin-wrong")
			s.shows(t, forgot, "700361", pin)
		}
		hearAll(t, forgot, "en", "account-locked")
		s.toAgent(t, forgot, "700361 no locked")
		late := customer("700361", "5917")
		hearAll(t, late, "en", "account-locked")
		s.toAgent(t, late, "700361 no locked")
		s.wantQuiet(t)
	})
}

// shows has a customer say who they are.
func (s *site) shows(t *testing.T, p *asterisk.Phone, account, pin string) {
	t.Helper()
	enters(t, p, "en", "enter-account", account)
	enters(t, p, "en", "enter-pin", pin)
}

// toAgent has a customer come to an agent, whose display shows what is known.
func (s *site) toAgent(t *testing.T, p *asterisk.Phone, shown string) {
	t.Helper()
	hearAll(t, p, "en", "one-moment")
	agent := s.ring(t, "agents")
	wantShown(t, agent, shown)
	s.takes(t, agent, p)
}
