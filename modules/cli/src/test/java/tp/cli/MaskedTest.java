package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskedTest {

    /** In a row {@code ^} is the end of a line, and {@code PIPE} what divides the row. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln, then | got <masked: token>, then
                    Authorization: Bearer abcdef0123456789 | Authorization: Bearer <masked>
                    password=hunter2 next | password=<masked> next
                    {"id-token": "abc"} | {"id-token": "<masked>"}
                    client-key-data: LS0tLS1CRUdJTg== | client-key-data: <masked>
                    proxy http://me:pass@proxy:3128/ | proxy http://<masked>@proxy:3128/
                    token: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.x | token: <masked: token>
                    {"password":"hun,ter2"} | {"password":"<masked>"}
                    {"password":"hun\\"ter2","a":1} | {"password":"<masked>","a":1}
                    password="a b c" d | password="<masked>" d
                    password='a "b" c' d | password='<masked>' d
                    got password="no end | got password="<masked>
                    say "{\\"token\\":\\"a,b c\\",\\"x\\":1}" | say "{\\"token\\":\\"<masked>\\",\\"x\\":1}"
                    say {\\"token\\":\\"a\\\\\\"b\\"} | say {\\"token\\":\\"<masked>\\"}
                    {"msg":"password=a,b;c}d","x":1} | {"msg":"password=<masked>","x":1}
                    got password=a"b'c d | got password=<masked> d
                    https://tok@host/a | https://<masked>@host/a
                    http://me:p@ss@proxy:3128 | http://<masked>@proxy:3128
                    http://me:p/s@s@proxy:3128 | http://<masked>@proxy:3128
                    run x --token abcdef y | run x --token <masked> y
                    run x --token=abcdef y | run x --token=<masked> y
                    run x --db-password 'a b' y | run x --db-password '<masked>' y
                    [x, --token, abcdef, y] | [x, --token, <masked> y]
                    ["x","--token","ab cd","y"] | ["x","--token","<masked>","y"]
                    args:^- --token^- abcdef^- y | args:^- --token^- <masked>^- y
                    Authorization: Basic YTpi | Authorization: Basic <masked>
                    authorization: abc def | authorization: <masked>
                    Authorization: Digest username="u", response="r" | Authorization: Digest <masked>
                    {"Authorization":"Bearer abc"},1 | {"Authorization":"<masked>"},1
                    {authorization=[Bearer abc], host=x} | {authorization=<masked>
                    curl -H 'Authorization: Bearer abc' | curl -H 'Authorization: Bearer <masked>
                    Set-Cookie: a=b; c=d | Set-Cookie: <masked>
                      client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVk= | client-key-data: <masked: private key>
                    clientKeyData='abc', x | clientKeyData='<masked>', x
                    seen LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t, y | seen <masked: private key>, y
                    AWS_SECRET_ACCESS_KEY=wJalr/b+c d | AWS_SECRET_ACCESS_KEY=<masked>
                    aws_secret_access_key = wJalr/b+c | aws_secret_access_key = <masked>
                    "SecretAccessKey": "wJalr/b+c", x | "SecretAccessKey": "<masked>", x
                    got AKIAIOSFODNN7EXAMPLE, x | got <masked: key>, x
                    - name: AWS_SESSION_TOKEN^  value: a b | - name: AWS_SESSION_TOKEN^  value: <masked> b
                    {"name":"DB_PASSWORD","value":"a b"} | {"name":"DB_PASSWORD","value":"<masked>"}
                    TP_TOKEN=a b c | TP_TOKEN=<masked>
                      password: correct horse # x | password: <masked>
                    token: PIPE^  abc^  def^next: 1 | token: <masked>^next: 1
                    "auth": "dXNlcjpwYXNz" | "auth": "<masked>"
                    Config[password=abc, host=x] | Config[password=<masked> host=x]
                    eyJhbGciOiJkaXIi.abc.def.ghi.jkl next | <masked: token> next
                    token=eyJhbGciOiJkaXIi.abc!tail next | token=<masked> next
                    """)
    void whatOpensDoorsIsMasked(String text, String masked) {
        assertThat(Masked.of(lines(text))).isEqualTo(lines(masked));
    }

    private static String lines(String row) {
        return row.replace("PIPE", "|").replace('^', '\n');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    the token has expired and no fresh one came
                    quic://192.0.2.7:30446 and https://[fd00::1]:6443/api?x=1
                    access reviews for tp-client-alice in payments
                    the basic idea is that it works
                    https://host:8443/mail@example.com and me@example.com
                    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
                    create serviceaccounts/token tp-client in tp-system is missing
                    {"name":"web","value":"x"} secretName tp-manager
                    """)
    void whatDoesNotIsKept(String text) {
        assertThat(Masked.of(text)).isEqualTo(text);
    }

    @Test
    void aKeyIsMaskedAlsoWhereItsEndIsMissing() {
        String begin = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n";
        assertThat(Masked.of("a\n" + begin + "-----END EC PRIVATE KEY-----\nb"))
                .isEqualTo("a\n<masked: private key>\nb");
        assertThat(Masked.of(begin)).isEqualTo("<masked: private key>");
    }

    @Test
    void aKeyWhoseEndIsMissingLeavesTheRest() {
        assertThat(
                        Masked.of(
                                "-----BEGIN PRIVATE KEY-----\\nMHcC\\nAb+/=\"}\n"
                                        + "[it goes on]\n".repeat(3_000)))
                .startsWith("<masked: private key>\"}\n[it goes on]\n")
                .doesNotContain("MHcC");
    }

    /** The library's matcher may need a frame of the stack for each character. */
    @Test
    void aLongSecretIsMaskedToo() {
        String secret = "x,y ".repeat(500_000);
        assertThat(Masked.of("{\"token\":\"" + secret + "\"}"))
                .isEqualTo("{\"token\":\"<masked>\"}");
        assertThat(Masked.of("a password=" + secret.replace(' ', '-') + " b"))
                .isEqualTo("a password=<masked> b");
    }
}
