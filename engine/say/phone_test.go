package say

import (
	"strings"
	"testing"
)

func TestPhone(t *testing.T) {
	for _, c := range []struct{ region, number, want string }{
		{"BR", "(11) 98765-4321", "11, 98765, 4321"},
		{"br", "1133334444", "11, 3333, 4444"},
		{"BR", "08007011234", "0800, 701, 1234"},
		{"MX", "55 1234 5678", "55, 1234, 5678"},
		{"US", "212-555-1234", "212, 555, 1234"},
		{"CA", "12125551234", "1, 212, 555, 1234"},
		{"GB", "020 7946 0018", "020, 7946, 0018"},
		{"GB", "07700 900123", "07700, 900, 123"},
		{"DE", "030 12345678", "030, 1234, 5678"},
		{"DE", "0151 12345678", "0151, 1234, 5678"},
		{"FR", "0612345008", "06, 12, 34, 50, 08"},
		{"ES", "612345678", "612, 34, 56, 78"},
		{"PT", "912345678", "912, 345, 678"},
		{"PT", "211234567", "21, 123, 45, 67"},
		{"IT", "3471234567", "347, 123, 4567"},
		{"RU", "89121234567", "8, 912, 123, 45, 67"},
		{"TR", "05321234567", "0532, 123, 45, 67"},
		{"TR", "4440123", "444, 0, 123"},
		{"US", "+5511987654321", "+55, 11, 98765, 4321"},
		{"US", "+442079460018", "+44, 20, 7946, 0018"},
		{"US", "+999123456", "+999, 123, 456"},
		{"US", "911", "911"},
		{"US", "*97", "*97"},
		{"BR", "12345678901234567", "123, 456, 789, 012, 345, 67"},
	} {
		got, err := language(t, "en").Phone(c.number, c.region)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("digits/star", "*", "digits/", "", "letters/plus", "+", " ", "", ",", ", ").Replace(strings.Join(got, " "))
		if text != c.want {
			t.Errorf("%s %s: got %s, want %s", c.region, c.number, text, c.want)
		}
	}
}

func TestPhoneReadAsNumbers(t *testing.T) {
	check(t, []said{
		{"fr", "0612340008", "zéro six, douze, trente quatre, zéro zéro, zéro huit"},
		{"ru", "+79121234505", "плюс семь, девятьсот двенадцать, сто двадцать три, сорок пять, ноль пять"},
		{"tr", "5321234507", "beş yüz otuz iki, yüz yirmi üç, kırk beş, sıfır yedi"},
		{"fr", "+5511987654321", "plus cinquante cinq, onze, neuf huit sept six cinq, quatre trois deux un"},
	}, func(l *Language, input string) (Sounds, error) { return l.Phone(input, "") })
}

func TestCharacters(t *testing.T) {
	for _, c := range []said{
		{"en", "Ab 1", "letters/a letters/b letters/space digits/1"},
		{"en", "a@b.c", "letters/a letters/at letters/b letters/dot letters/c"},
		{"en", "!#$*+-./=", "letters/exclaimation-point digits/pound letters/dollar letters/asterisk letters/plus letters/dash letters/dot letters/slash letters/equals"},
		{"en", "_,~", "letters/ascii95 letters/ascii44 letters/ascii126"},
		{"en_GB", "Z", "letters/zed"},
		{"pt_BR", "ÇÃ", "letters/c-cedilha letters/a"},
		{"de", "ß", "letters/sz"},
		{"ru", "Я", "letters/ru-ya"},
		{"es", "*", "digits/star"},
	} {
		got, err := language(t, c.code).Characters(c.input)
		if got := strings.Join(got, " "); err != nil || got != c.want {
			t.Errorf("%s %s: got %s %v, want %s", c.code, c.input, got, err, c.want)
		}
	}
}

func TestSpell(t *testing.T) {
	check(t, []said{
		{"en", "ab9-1", "alpha bravo niner dash one"},
		{"it", "Roma", "r come Roma o come Otranto m come Milano a come Ancona"},
		{"fr", "9", "neuf"},
	}, func(l *Language, input string) (Sounds, error) { return l.Spell(input) })
}
