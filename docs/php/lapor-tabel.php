<?php
/*
 * lapor-tabel.php: serves one table as JSON, read-only, to the connector `http` of lapor-gateway.
 *
 * For hosts that refuse remote access to their database. Needs PHP 7.2 or later with PDO. Fill in the part below,
 * put the file into the web site's folder under a name of your own, and see docs/shared-hosting.md.
 */

$config = [
    // 64 digits: the SHA-256 of the token, never the token itself.  printf %s 'TOKEN' | sha256sum
    'token_sha256' => '',
    // A database user who may SELECT from this table and nothing else.
    'dsn' => 'mysql:host=localhost;dbname=NAMA_DATABASE;charset=utf8mb4',
    'user' => '',
    'password' => '',
    // The table or view, its key (a column that is unique and never changes), and what may be read of it.
    'table' => 'pengaduan',
    'key' => 'id',
    'key_is_number' => true,
    'columns' => ['id', 'tgl_pengaduan', 'nama', 'email', 'telp', 'isi_laporan'],
    // Rows in one answer at most.
    'most' => 500,
    // MySQL and MariaDB: the zone in which TIMESTAMP columns are told, such as '+08:00'. Empty: the server's.
    'time_zone' => '',
    // true only where a proxy of your host's ends HTTPS and sets X-Forwarded-Proto itself.
    'behind_proxy' => false,
];

// ------------------------------------------------------------------------------------------- nothing to change below

ini_set('display_errors', '0');
ini_set('html_errors', '0');
error_reporting(E_ALL);

set_error_handler(function ($level, $text, $file, $line) {
    if (!(error_reporting() & $level)) {
        return false;
    }
    throw new ErrorException('', 0, $level, $file, $line);
});
set_exception_handler(function ($error) {
    // Neither the log nor the answer may hold SQL, data or the database's password.
    error_log('lapor-tabel: ' . get_class($error) . ' at line ' . $error->getLine());
    answer(500, ['error' => 'the table cannot be read; see the error log of the host']);
});

main($config);

function main(array $config)
{
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    header('X-Robots-Tag: noindex');
    if ($_SERVER['REQUEST_METHOD'] !== 'GET') {
        header('Allow: GET');
        answer(405, ['error' => 'only GET is answered']);
    }
    if (!is_private_connection($config)) {
        answer(403, ['error' => 'HTTPS is needed']);
    }
    if (!preg_match('/^[0-9a-f]{64}$/i', $config['token_sha256'])) {
        answer(503, ['error' => 'token_sha256 is not filled in']);
    }
    if (!hash_equals(strtolower($config['token_sha256']), hash('sha256', given_token()))) {
        header('WWW-Authenticate: Bearer');
        answer(401, ['error' => 'the token is missing or wrong']);
    }
    answer(200, page($config, wanted_limit($config), wanted_start($config)));
}

/** Whether nobody on the way can read along: HTTPS, or the same machine with no proxy before it. */
function is_private_connection(array $config)
{
    $https = isset($_SERVER['HTTPS']) ? strtolower($_SERVER['HTTPS']) : '';
    if ($https !== '' && $https !== 'off') {
        return true;
    }
    $forwarded = isset($_SERVER['HTTP_X_FORWARDED_PROTO']) ? strtolower($_SERVER['HTTP_X_FORWARDED_PROTO']) : '';
    if ($config['behind_proxy']) {
        return $forwarded === 'https';
    }
    $proxied = isset($_SERVER['HTTP_X_FORWARDED_FOR']) || isset($_SERVER['HTTP_FORWARDED']) || $forwarded !== '';
    return !$proxied && in_array($_SERVER['REMOTE_ADDR'], ['127.0.0.1', '::1'], true);
}

/** The token of X-Lapor-Token or Authorization; many hosts keep the latter from PHP. */
function given_token()
{
    foreach (['HTTP_X_LAPOR_TOKEN', 'HTTP_AUTHORIZATION', 'REDIRECT_HTTP_AUTHORIZATION'] as $name) {
        if (isset($_SERVER[$name]) && $_SERVER[$name] !== '') {
            return preg_replace('/^Bearer\s+/i', '', trim($_SERVER[$name]));
        }
    }
    return '';
}

function wanted_limit(array $config)
{
    $limit = isset($_GET['limit']) ? $_GET['limit'] : (string) $config['most'];
    if (!is_string($limit) || !preg_match('/^[1-9][0-9]{0,6}$/', $limit)) {
        answer(400, ['error' => 'limit is a number from 1']);
    }
    return min((int) $limit, (int) $config['most']);
}

/** The key after which the page begins; null for the first page. */
function wanted_start(array $config)
{
    if (!isset($_GET['after'])) {
        return null;
    }
    $after = $_GET['after'];
    $fits = is_string($after) && strlen($after) <= 500
        && (!$config['key_is_number'] || preg_match('/^-?[0-9]{1,18}$/', $after));
    if (!$fits) {
        answer(400, ['error' => 'after is no key of this table']);
    }
    return $config['key_is_number'] ? (int) $after : $after;
}

/** {"items": [{column: value}], "next": the key to go on after, or null, "total": how many rows there are}. */
function page(array $config, $limit, $after)
{
    $database = connected($config);
    $key = quoted($database, $config['key']);
    $table = implode('.', array_map(function ($part) use ($database) {
        return quoted($database, $part);
    }, explode('.', $config['table'])));
    $columns = array_values(array_unique(array_merge($config['columns'], [$config['key']])));
    $names = implode(', ', array_map(function ($column) use ($database) {
        return quoted($database, $column);
    }, $columns));
    $where = "$key IS NOT NULL" . ($after === null ? '' : " AND $key > :after");
    // One row more than asked for tells whether another page follows.
    $query = $database->prepare("SELECT $names FROM $table WHERE $where ORDER BY $key LIMIT " . ($limit + 1));
    if ($after !== null) {
        $query->bindValue(':after', $after, $config['key_is_number'] ? PDO::PARAM_INT : PDO::PARAM_STR);
    }
    $query->execute();
    $rows = $query->fetchAll(PDO::FETCH_ASSOC);
    $more = count($rows) > $limit;
    $rows = array_slice($rows, 0, $limit);
    $last = $more ? (string) $rows[count($rows) - 1][$config['key']] : null;
    $answer = ['items' => array_map('keepable', $rows), 'next' => $last];
    if ($after === null) {
        $answer['total'] = (int) $database->query("SELECT COUNT(*) FROM $table")->fetchColumn();
    }
    return $answer;
}

function connected(array $config)
{
    $options = [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_EMULATE_PREPARES => false];
    $driver = strstr($config['dsn'], ':', true);
    if ($driver === 'sqlite' && defined('PDO::SQLITE_ATTR_OPEN_FLAGS')) {
        $options[PDO::SQLITE_ATTR_OPEN_FLAGS] = PDO::SQLITE_OPEN_READONLY;
    }
    $database = new PDO($config['dsn'], $config['user'], $config['password'], $options);
    if ($driver === 'sqlite') {
        $database->exec('PRAGMA query_only = ON');
    }
    if ($driver === 'mysql') {
        $database->exec('SET SESSION TRANSACTION READ ONLY');
        if ($config['time_zone'] !== '') {
            $database->exec('SET time_zone = ' . $database->quote($config['time_zone']));
        }
    }
    return $database;
}

/** A name from the configuration as the database takes it. */
function quoted(PDO $database, $name)
{
    // SQLite would read an unknown name in double quotes as a text.
    $mark = in_array($database->getAttribute(PDO::ATTR_DRIVER_NAME), ['mysql', 'sqlite'], true) ? '`' : '"';
    return $mark . str_replace($mark, $mark . $mark, $name) . $mark;
}

/** Numbers that JSON's readers would round travel as text. */
function keepable(array $row)
{
    return array_map(function ($value) {
        return is_int($value) && abs($value) > 9007199254740991 ? (string) $value : $value;
    }, $row);
}

/** Answer and end. An answer that the gateway has already costs no bytes. */
function answer($status, array $said)
{
    $text = json_encode($said, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
    if ($text === false) {
        $status = 500;
        $text = '{"error":"the table holds what JSON cannot say"}';
    }
    header('Content-Type: application/json; charset=utf-8');
    if ($status === 200) {
        $etag = '"' . hash('sha256', $text) . '"';
        header('ETag: ' . $etag);
        // A server that packs answers marks their ETags, as in W/"…" or "…-gzip".
        $known = isset($_SERVER['HTTP_IF_NONE_MATCH']) ? $_SERVER['HTTP_IF_NONE_MATCH'] : '';
        if (strpos($known, trim($etag, '"')) !== false) {
            http_response_code(304);
            exit;
        }
    }
    http_response_code($status);
    echo $text;
    exit;
}
