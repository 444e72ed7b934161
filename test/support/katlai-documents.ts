/** Katlai's own examples of `POST /api/customers`, byte for byte: what is sent, and what is answered. */
export const DOCUMENTED_CUSTOMER = `{
    "name": "John Doe",
    "email": "johndoe@example.com",
    "phone": "1234567890",
    "gender": "m",
    "age": 30,
    "birthdate": "1994-05-15",
    "preferences": {
        "language": "en",
        "newsletter": true
    }
}`;

export const DOCUMENTED_SETUP = `{
    "message": "Customer setup successful",
    "customer_id": 12345,
    "data": {
        "name": "John Doe",
        "email": "johndoe@example.com",
        "phone": "1234567890",
        "gender": "m",
        "age": 30,
        "birthdate": "1994-05-15",
        "preferences": {
            "language": "en",
            "newsletter": true
        }
    }
}`;
