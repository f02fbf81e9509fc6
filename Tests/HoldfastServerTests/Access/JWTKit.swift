// Tokens as others make them, signed with a secret.

import HoldfastModel
import HoldfastSystem

let jwtSecret = "a secret of thirty-two bytes, or more"

func base64URL(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
        for place in 0...group.count {
            text.append(
                Base64URL.character(
                    of: UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * place)) & 63
                )
            )
        }
    }
    return String(decoding: text, as: UTF8.self)
}

func signed(
    _ claims: String,
    header: String = #"{"alg":"HS256"}"#,
    with key: String = jwtSecret
) throws -> String {
    let body = base64URL(Array(header.utf8)) + "." + base64URL(Array(claims.utf8))
    let code = try Cryptography().hmacSHA256(key: Array(key.utf8), message: Array(body.utf8))
    return body + "." + base64URL(code)
}

// RFC 7515, appendices A.2 and A.3: keys, and the same claims signed by each.

let rsaKey =
    #"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-V"#
    + #"aw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9w"#
    + #"Gzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMT"#
    + #"BQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kz"#
    + #"k2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
let rsaToken =
    #"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF"#
    + #"tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu"#
    + #"3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdi"#
    + #"uB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x"#
    + #"i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A"#
    + #"XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"#
let ecKey =
    #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_F"#
    + #"EzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
let ecToken =
    #"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF"#
    + #"tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw"#
    + #"5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"#
