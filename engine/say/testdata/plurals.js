// Adds a language to cldr/plurals.gz: the categories of whole numbers up to 9,999 by Intl.PluralRules, and CLDR's own
// samples. README.md tells how to run it.
const fs = require("fs"), zlib = require("zlib");
const code = process.argv[2], file = "cldr/plurals.gz";
const core = JSON.parse(fs.readFileSync("cldr-core/package/supplemental/plurals.json"));
const rules = core.supplemental["plurals-type-cardinal"][code], plural = new Intl.PluralRules(code);

// runs are the numbers of a category, such as 2..9999.
function runs(category) {
  const all = [];
  for (let n = 0; n < 10000; n++) {
    if (plural.select(n) !== category) continue;
    const last = all[all.length - 1];
    if (last && last[1] === n - 1) last[1] = n; else all.push([n, n]);
  }
  return all.map(([low, high]) => low === high ? `${low}` : `${low}..${high}`);
}

// samples are those behind @integer and @decimal, without the compact ones.
const samples = (rule) => rule.split("@").slice(1).flatMap((part) => part.replace(/^\w+/, "").split(","))
  .map((s) => s.trim()).filter((s) => /^[\d.~]+$/.test(s));

let text = zlib.gunzipSync(fs.readFileSync(file)).toString();
for (const [key, rule] of Object.entries(rules)) {
  const category = key.replace("pluralRule-count-", "");
  text += `${code}\t${category}\t${[...runs(category), ...samples(rule)].join(" ")}\n`;
}
fs.writeFileSync(file, zlib.gzipSync(text, { level: 9 }));
