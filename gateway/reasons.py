"""Why must a person look, or why did something fail? One sentence for each reason's code, in both languages.

`{field}` and `{detail}` are filled in where the sentence is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gateway.attachments import reasons as attachment_reasons


class Text(NamedTuple):
    """A sentence in both languages."""

    id: str
    en: str


REASONS: Mapping[str, Text] = {
    **{code: Text(*sentences) for code, sentences in attachment_reasons.REASONS.items()},
    # What keeps a report from being filed
    "field_missing": Text("{field} kosong", "{field} is empty"),
    "privacy_unknown": Text("tidak diketahui apakah {field} diminta", "{field} is not stated"),
    "too_long": Text("{field} terlalu panjang ({detail} karakter)", "{field} is too long ({detail} characters)"),
    "value_unknown": Text("nilai {field} tidak dikenal", "the value of {field} is not known"),
    "value_invalid": Text("nilai {field} tidak sah", "the value of {field} is not valid"),
    "lookup_unknown": Text(
        "nilai {field} tidak ada dalam tabel padanan", "the value of {field} is not in the lookup table"
    ),
    "date_unreadable": Text("tanggal pada {field} tidak terbaca", "the date in {field} cannot be read"),
    "date_ambiguous": Text(
        "tanggal pada {field} bermakna ganda (hari/bulan atau bulan/hari)",
        "the date in {field} is ambiguous (day/month or month/day): declare its format in the mapping",
    ),
    "date_in_future": Text("{field} di masa depan ({detail})", "{field} is in the future ({detail})"),
    "date_too_old": Text("{field} terlalu lampau ({detail})", "{field} is too long ago ({detail})"),
    "yes_no_unreadable": Text("isi {field} bukan ya atau tidak", "{field} is neither yes nor no"),
    "likely_double": Text(
        "mungkin ganda dari laporan {detail}: pelapornya sama, isinya serupa",
        "likely a double of report {detail}: same reporter, similar text",
    ),
    "separated": Text("dipisahkan dari laporan {detail}", "separated from report {detail}"),
    "email_invalid": Text("alamat surel tidak sah", "the e-mail address is not valid"),
    "phone_invalid": Text("nomor telepon tidak sah", "the phone number is not valid"),
    "nik_invalid": Text("NIK tidak terdiri atas 16 angka", "the NIK does not have 16 digits"),
    "contact_missing": Text(
        "tidak ada alamat surel atau nomor telepon pelapor", "no e-mail address or phone number of the reporter"
    ),
    "too_short": Text("{field} terlalu pendek ({detail} karakter)", "{field} is too short ({detail} characters)"),
    "word_found": Text('{field} memuat kata "{detail}"', '{field} holds the word "{detail}"'),
    "only_links": Text("{field} hanya berisi tautan", "{field} holds nothing but links"),
    "likely_test": Text("{field} tampaknya hanya percobaan", "{field} looks like a mere test"),
    "personal_nik": Text(
        "{field} memuat NIK dan akan terbuka untuk umum; samarkan, atau jadikan laporan rahasia",
        "{field} holds a NIK and would be public: mask it, or make the report secret",
    ),
    "personal_phone": Text(
        "{field} memuat nomor HP dan akan terbuka untuk umum; samarkan, atau jadikan laporan rahasia",
        "{field} holds a mobile number and would be public: mask it, or make the report secret",
    ),
    "personal_email": Text(
        "{field} memuat surel pribadi dan akan terbuka untuk umum; samarkan, atau jadikan laporan rahasia",
        "{field} holds a private e-mail address and would be public: mask it, or make the report secret",
    ),
    "personal_account": Text(
        "{field} memuat nomor rekening dan akan terbuka untuk umum; samarkan, atau jadikan laporan rahasia",
        "{field} holds a bank account and would be public: mask it, or make the report secret",
    ),
    "personal_name": Text(
        "laporan anonim, tetapi {field} memuat nama pelapor; samarkan, atau jadikan laporan rahasia",
        "the report is anonymous, but {field} holds the writer's name: mask it, or make the report secret",
    ),
    "personal_masked": Text("data pribadi dalam {field} disamarkan", "personal data in {field} was masked"),
    "asks_secrecy": Text(
        "{field} meminta kerahasiaan, tetapi laporan tidak ditandai anonim atau rahasia",
        "{field} asks for secrecy, but the report is neither anonymous nor secret",
    ),
    "scope_crime": Text(
        "tampaknya laporan tindak pidana, di luar lingkup LAPOR; arahkan ke Polri (telepon 110 atau kantor polisi)",
        "likely a crime, which is out of LAPOR's scope: it belongs to the police (call 110, or a police station)",
    ),
    "scope_corruption": Text(
        "tampaknya dugaan korupsi, di luar lingkup LAPOR; arahkan ke KPK (kws.kpk.go.id, telepon 198)",
        "likely corruption, which is out of LAPOR's scope: it belongs to the KPK (kws.kpk.go.id, call 198)",
    ),
    "scope_legislative": Text(
        "tampaknya urusan legislatif, di luar lingkup LAPOR; arahkan ke DPR (pengaduan.dpr.go.id) atau DPRD",
        "likely of the legislature, out of LAPOR's scope: it belongs to the DPR (pengaduan.dpr.go.id) or the DPRD",
    ),
    "place_ambiguous": Text(
        "tempat yang disebut untuk {field} bermakna ganda", "the place named for {field} may be more than one"
    ),
    # What the gateway itself wants a person to look at
    "review": Text("setiap laporan kanal ini diperiksa petugas", "every report of this channel waits for a person"),
    "first_run_limit": Text(
        "melebihi batas kiriman pertama; periksa, lalu jalankan accept",
        "beyond the limit of the first round: look, then run `accept`",
    ),
    "start_unclear": Text(
        "tidak jelas apakah laporan ini masuk sebelum tanggal mulai kanal",
        "it is not clear whether it came before the channel's start",
    ),
    "date_disagrees": Text(
        "tanggal surat jauh lebih tua daripada waktu diterimanya; mungkin surat lama yang dipindahkan",
        "the mail's date is long before its arrival: perhaps an old mail that was moved here",
    ),
    "key_reused": Text(
        "kunci {detail} dahulu milik laporan lain; mungkin penomoran diulang",
        "the key was another report's before ({detail}): perhaps the numbering restarted",
    ),
    "row_edited": Text(
        "mirip dengan laporan {detail} yang baru saja hilang dari sumber; mungkin baris yang disunting",
        "it resembles report {detail}, which has just vanished from the source: perhaps an edited row",
    ),
    "cell_error": Text(
        "ada sel berisi galat rumus (misalnya #N/A) pada baris ini; perbaiki di lembar kerjanya",
        "a cell of the row holds a formula's error such as #N/A: mend it in the sheet",
    ),
    "date_swapped": Text(
        "hari dan bulan mungkin tertukar oleh program lembar kerja; periksa tanggalnya",
        "a program probably took day and month the wrong way round: look at the date",
    ),
    "copy_edited": Text(
        "mirip dengan baris kembar yang salinannya baru saja hilang; mungkin salinan yang disunting",
        "it resembles a row that stood there more than once until now: perhaps one of these copies was edited",
    ),
    "source_incomplete": Text(
        "ada berkas sumber yang tidak terbaca, sehingga tidak jelas apakah baris ini baru atau hasil suntingan",
        "a part of the source could not be read, so the row may be new or a known one that was edited",
    ),
    "mail_too_large": Text(
        "surat terlalu besar; hanya bagian awalnya yang dibaca", "the mail is too large; only its beginning was read"
    ),
    "file_not_fetched": Text(
        "ada berkas yang tidak dapat diambil dari sumbernya; namanya ada di laporan",
        "a file could not be fetched from the source; the report names it",
    ),
    "mail_unreadable": Text("surat rusak dan tidak terbaca", "the mail is damaged and cannot be read"),
    "recovered_secret": Text(
        "laporan rahasia dari sebelum data gateway dipulihkan; periksa di LAPOR apakah sudah ada",
        "a secret report from before the state was recovered: look in LAPOR whether it is there",
    ),
    "recovered_blind": Text(
        "dari sebelum data gateway dipulihkan, dan LAPOR tidak dapat dibaca; periksa di LAPOR apakah sudah ada",
        "from before the state was recovered, and LAPOR cannot be read: look there whether it is filed",
    ),
    "no_reading": Text("LAPOR ini tidak dapat dibaca lewat profil legacy", "this LAPOR cannot be read: profile legacy"),
    "typed_by_hand": Text(
        "profil manual: laporan diketik petugas di LAPOR (worksheet, bind)",
        "profile manual: a person types the reports into LAPOR (`worksheet`, `bind`)",
    ),
    "tracking_id_invalid": Text(
        "nomor LAPOR tidak terdiri atas 7 sampai 15 angka", "the tracking id does not have 7 to 15 digits"
    ),
    "twice_in_file": Text(
        "nomor {detail} ada dua kali; baris terakhir yang dipakai", "{detail} is there twice; the last row counts"
    ),
    "by_person": Text("dijeda oleh petugas", "paused by a person"),
    "filed_twice": Text(
        "ada dua kali di LAPOR (juga nomor {detail}); mungkin ada gateway kedua dengan id yang sama",
        "it is twice in LAPOR (also {detail}): perhaps a second gateway uses the same id",
    ),
    "row_gone": Text("baris laporan tidak ada lagi di lembar kerja", "the record's row is no longer in the sheet"),
    "row_twice": Text(
        "kunci ada di beberapa baris yang berbeda", "the record's key stands in several rows that differ"
    ),
    "reply_from_other": Text(
        "membalas laporan orang lain, dari alamat yang bukan milik pelapornya",
        "it answers a report from an address that is not its reporter's",
    ),
    "reply_to_dropped": Text(
        "membalas laporan yang diputuskan tidak dikirim", "it answers a report that was not to be sent"
    ),
    "before_start": Text(
        "lebih lama daripada tanggal mulai kanal; mungkin sudah diketik ke LAPOR", "older than the channel's start"
    ),
    "form_unread": Text(
        "tidak ada isian formulir yang dikenali di surat ini", "no label of the mapping's [form] is in this mail"
    ),
    "other_lapor": Text(
        "laporannya ada di LAPOR lain daripada yang sekarang diatur",
        "its report is in another LAPOR than the configured one",
    ),
    "reply_rejected": Text("LAPOR menolak balasan pelapor ini", "LAPOR refuses this reply of the reporter"),
    "second_gateway": Text(
        "gateway lain mengirim dengan id yang sama; periksa dahulu, lalu jalankan resume lapor",
        "another gateway files under the same id: look into it, then run `resume lapor`",
    ),
    "audit": Text("audit: {detail}", "audit: {detail}"),
    # Why nobody's complaint
    "bounce": Text("pemberitahuan surat gagal terkirim", "a delivery failure notice"),
    "auto_reply": Text("balasan otomatis", "an automatic reply"),
    "mailing_list": Text("surat dari milis atau buletin", "mail of a list or newsletter"),
    "own_mail": Text("surat dari alamat kanal ini sendiri", "mail from the channel's own address"),
    "invitation": Text("undangan kalender", "a calendar invitation"),
    "not_a_complaint": Text("bukan pengaduan, menurut petugas", "no complaint, as a person said"),
    # What could not be read
    "row_without_key": Text("baris tanpa kunci ({detail})", "rows without a key ({detail})"),
    "key_not_unique": Text(
        "kunci dipakai beberapa baris yang berbeda ({detail})", "one key names several different rows ({detail})"
    ),
    "list_incomplete": Text(
        "daftar belum terbaca seluruhnya; dibaca lagi pada putaran berikut",
        "the list could not be read as a whole; the next round reads it again: {detail}",
    ),
    "column_missing": Text("kolom tidak ditemukan: {detail}", "a column is missing: {detail}"),
    "file_missing": Text("tidak ada berkas dengan nama itu", "there is no such file"),
    "file_empty": Text("berkas kosong", "the file is empty"),
    "file_unreadable": Text("berkas rusak atau belum lengkap", "the file is damaged or incomplete: {detail}"),
    "file_not_a_sheet": Text("berkas bukan lembar kerja", "the file is no spreadsheet: {detail}"),
    "file_password": Text("berkas dilindungi kata sandi", "the file is protected by a password"),
    "file_too_large": Text("berkas terlalu besar untuk dibaca", "the file is too large to read: {detail}"),
    "file_too_slow": Text("berkas terlalu lama dibaca", "the file takes too long to read: {detail}"),
    "file_changing": Text(
        "berkas sedang ditulis; dicoba lagi", "the file is being written; the next round tries again"
    ),
    "file_encoding": Text("pengodean teks berkas tidak dikenali", "the file's text encoding is not known: {detail}"),
    "sheet_missing": Text("lembar tidak ditemukan", "the sheet is missing: {detail}"),
    # How sending went
    "rejected": Text("ditolak LAPOR: {field} {detail}", "LAPOR rejects it: {field} {detail}"),
    "no_connection": Text("LAPOR tidak dapat dihubungi", "LAPOR cannot be reached"),
    "no_answer": Text("sambungan putus sebelum LAPOR menjawab", "the connection broke before LAPOR answered"),
    "bad_receipt": Text("jawaban LAPOR tidak memuat nomor laporan", "LAPOR answered without a tracking id"),
    "bad_answer": Text("jawaban LAPOR tidak terbaca", "LAPOR's answer cannot be read"),
    "stopped": Text("gateway dihentikan sebelum mengirim", "the gateway was stopped before it was sent"),
    "unforeseen": Text("galat tak terduga saat mengirim", "something unforeseen happened while sending"),
    "interrupted": Text("pengiriman terputus di tengah jalan", "the gateway stopped in the middle of sending"),
    "unauthorized": Text("LAPOR menolak token", "LAPOR refuses the token"),
    "wrong_address": Text("alamat LAPOR salah", "LAPOR's address or path is wrong"),
    "redirected": Text("LAPOR mengalihkan ke alamat lain", "LAPOR redirects to another address"),
    "refused": Text("LAPOR menolak permintaan", "LAPOR refuses the request"),
    "tracking_id_taken": Text(
        "LAPOR memberi nomor yang sudah dipakai laporan lain", "LAPOR gave a tracking id that another report has"
    ),
    "status_unknown": Text("status LAPOR tidak dikenal: {detail}", "LAPOR's status is not known: {detail}"),
    # Why a citizen could not be told
    "no_carrier": Text("kanal ini tidak dapat menjawab sendiri", "nothing in this channel can carry an answer"),
    "no_address": Text("pelapor tidak memberi alamat surel", "the reporter gave no e-mail address"),
    "machine_address": Text("alamat itu milik mesin atau kami sendiri", "the address is a machine's or our own"),
    "address_refused": Text("server surel menolak alamat pelapor", "the mail server refuses the address"),
    "mail_refused": Text("server surel menolak suratnya", "the mail server refuses the mail"),
    "per_address": Text("terlalu banyak surat ke alamat itu hari ini", "too many mails to that address today"),
    "answer_refused": Text(
        "jawaban tidak muat dalam kolom di sumbernya", "the answer does not fit a column of the source"
    ),
    "record_gone": Text("datanya tidak ada lagi di sumbernya", "the record is no longer in its source"),
    "unreachable": Text("tujuan jawaban tidak dapat dihubungi", "where the answer goes cannot be reached"),
    "misconfigured": Text("pengaturan jawaban salah", "the settings for answers do not fit"),
    "template_wrong": Text("templat jawaban salah", "the answer's template is wrong"),
    "per_day": Text("batas permintaan per hari tercapai", "the limit of requests a day is reached"),
}
