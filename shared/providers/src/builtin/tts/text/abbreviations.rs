//! Abbreviations that are said in full. They end in a full stop, which is then
//! no end of a sentence unless nothing follows.

/// What an abbreviation (without its last full stop, any case) stands for.
pub(super) fn expand(abbreviation: &str) -> Option<&'static str> {
    let lower = abbreviation.to_ascii_lowercase();
    TABLE
        .iter()
        .find(|(short, _)| *short == lower)
        .map(|(_, long)| *long)
}

const TABLE: [(&str, &str); 54] = [
    ("mr", "mister"),
    ("mrs", "missus"),
    ("ms", "miz"),
    ("dr", "doctor"),
    ("prof", "professor"),
    ("sr", "senior"),
    ("jr", "junior"),
    ("st", "street"),
    ("ave", "avenue"),
    ("blvd", "boulevard"),
    ("rd", "road"),
    ("ln", "lane"),
    ("hwy", "highway"),
    ("apt", "apartment"),
    ("dept", "department"),
    ("inc", "incorporated"),
    ("ltd", "limited"),
    ("corp", "corporation"),
    ("co", "company"),
    ("vs", "versus"),
    ("etc", "et cetera"),
    ("e.g", "for example"),
    ("i.e", "that is"),
    ("a.m", "AM"),
    ("p.m", "PM"),
    ("u.s", "US"),
    ("u.k", "UK"),
    ("approx", "approximately"),
    ("ext", "extension"),
    ("tel", "telephone"),
    ("min", "minutes"),
    ("max", "maximum"),
    ("hr", "hour"),
    ("hrs", "hours"),
    ("appt", "appointment"),
    ("jan", "January"),
    ("feb", "February"),
    ("mar", "March"),
    ("apr", "April"),
    ("jun", "June"),
    ("jul", "July"),
    ("aug", "August"),
    ("sep", "September"),
    ("sept", "September"),
    ("oct", "October"),
    ("nov", "November"),
    ("dec", "December"),
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("tues", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("thurs", "Thursday"),
    ("fri", "Friday"),
];
